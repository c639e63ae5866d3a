import { GenOpsError, messageOf } from "../../core/errors.ts";
import { alertEvent, alertFromSnsMessage } from "../../governance/inbound-alerts/envelopes.ts";
import { boundedAlert } from "./bounded-alert.ts";
import { readStart } from "./read-start.ts";
import { rememberSeen, type SentMessage, wasSeen } from "./seen-messages.ts";
import type { CertificateCache } from "./sns-certificates.ts";
import { type SnsEnvelope, snsUrl } from "./sns-envelope.ts";
import type { Hook, HookAnswer, HookDeps, HookFetch } from "./types.ts";
import { quoted, verifySns } from "./verify-sns.ts";

const TIMEOUT_MS = 10_000;

/** SNS over HTTPS. A message is remembered after it was handed on, so one that was lost on the way is taken again. */
export function createSnsHook(deps: HookDeps, cache: CertificateCache): Hook {
  return async ({ body }) => {
    const { config, store, clock } = deps;
    if (config.sns.topics.length === 0) return UNCONFIGURED;
    const verdict = await verifySns(body, deps, cache);
    if (!verdict.ok) return verdict.answer;
    const envelope = verdict.verified;
    const message: SentMessage = {
      sentAt: new Date(envelope.Timestamp),
      identity: JSON.stringify([envelope.TopicArn, envelope.MessageId]),
    };
    if (await wasSeen(store, message)) return { status: "repeated", detail: "This message was taken before." };
    const answer = await handleEnvelope(deps, envelope);
    if (answer.status !== "refused") await rememberSeen(store, message, config.sns.maxAgeMinutes, clock.now());
    return answer;
  };
}

const UNCONFIGURED: HookAnswer = {
  status: "unconfigured",
  detail: "Set alerts.sns.topics in genops.yaml to the ARNs of the topics that may send alerts here.",
};

async function handleEnvelope(deps: HookDeps, envelope: SnsEnvelope): Promise<HookAnswer> {
  if (envelope.Type === "SubscriptionConfirmation") return confirm(deps, envelope);
  // The last message of a topic becomes a finding: without it nobody would miss the alerts.
  if (envelope.Type === "UnsubscribeConfirmation")
    deps.log.warn(`SNS topic ${envelope.TopicArn} was told to send no more`);
  const { alert, cut } = boundedAlert(alertFromSnsMessage(envelope));
  if (cut) deps.log.warn(`SNS message ${envelope.MessageId} is cut: it is too long for a queue`);
  await deps.publish(alertEvent(alert, deps.clock.now()));
  return { status: "accepted", detail: "Thank you." };
}

async function confirm({ fetch, log }: HookDeps, { SubscribeURL, TopicArn }: SnsEnvelope): Promise<HookAnswer> {
  const url = snsUrl(SubscribeURL ?? "");
  if (url === undefined || url.searchParams.get("Action") !== "ConfirmSubscription") {
    return { status: "refused", detail: `SubscribeURL ${quoted(SubscribeURL ?? "")} is not an address of SNS` };
  }
  await visit(url, fetch);
  log.info(`the subscription to ${TopicArn} is confirmed`);
  return { status: "confirmed", detail: "The subscription is confirmed." };
}

/** Its query holds a token, so no message repeats it. */
async function visit(url: URL, fetch: HookFetch): Promise<void> {
  try {
    const response = await fetch(url.href, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    await readStart(response, 1);
    if (response.status !== 200) throw new Error(`it answered ${response.status}`);
  } catch (error) {
    throw new GenOpsError("unavailable", `${url.hostname} did not confirm the subscription: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
