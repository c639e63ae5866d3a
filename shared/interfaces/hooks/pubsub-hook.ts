import * as z from "zod";
import { alertEvent, alertFromPubSubPush } from "../../governance/inbound-alerts/envelopes.ts";
import { boundedAlert } from "./bounded-alert.ts";
import { type Hook, type HookAnswer, type HookDeps, refused, type Verdict } from "./types.ts";
import { quoted } from "./verify-sns.ts";
import { type KeySets, verifyToken } from "./verify-token.ts";

const GOOGLE_KEYS = "https://www.googleapis.com/oauth2/v3/certs";
const GOOGLE_ISSUERS = ["https://accounts.google.com", "accounts.google.com"];

const Push = z.object({ message: z.looseObject({}), subscription: z.string() });

/** Pub/Sub push with Google's OIDC token, from a subscription that is listed. */
export function createPubSubHook(deps: HookDeps, keySets: KeySets): Hook {
  return async ({ headers, body }) => {
    const { subscriptions, audience, serviceAccount } = deps.config.pubsub;
    if (subscriptions.length === 0 || audience === undefined || serviceAccount === undefined) return UNCONFIGURED;
    const expected = { keysUrl: GOOGLE_KEYS, issuers: GOOGLE_ISSUERS, audiences: [audience] };
    const token = await verifyToken(headers, expected, deps, keySets);
    if (!token.ok) return token.answer;
    const { email, email_verified } = token.verified;
    if (email !== serviceAccount || email_verified !== true) {
      return {
        status: "refused",
        detail: `the token is of ${quoted(String(email))}, not of alerts.pubsub.serviceAccount`,
      };
    }
    const push = readPush(body, subscriptions);
    if (!push.ok) return push.answer;
    const { alert, cut } = boundedAlert(alertFromPubSubPush(push.verified));
    if (cut) deps.log.warn("a message of Pub/Sub is cut: it is too long for a queue");
    await deps.publish(alertEvent(alert, deps.clock.now()));
    return { status: "accepted", detail: "Thank you." };
  };
}

const UNCONFIGURED: HookAnswer = {
  status: "unconfigured",
  detail: "Set alerts.pubsub.subscriptions, audience and serviceAccount in genops.yaml.",
};

function readPush(body: string, subscriptions: readonly string[]): Verdict<z.output<typeof Push>> {
  const parsed = Push.safeParse(jsonOf(body));
  if (!parsed.success) {
    return {
      ok: false,
      answer: { status: "malformed", detail: "not a message of Pub/Sub; payload unwrapping must be off" },
    };
  }
  const { subscription } = parsed.data;
  return subscriptions.includes(subscription)
    ? { ok: true, verified: parsed.data }
    : refused(`subscription ${quoted(subscription)} is not in alerts.pubsub.subscriptions`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
