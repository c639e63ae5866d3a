import { createHash } from "node:crypto";
import type { ActionDecided, CloudEvent } from "../../core/events.ts";
import { claimMessage, forgetMessage } from "./seen-messages.ts";
import { type ClickTeams, readSlackClick } from "./slack-payload.ts";
import { type Hook, type HookAnswer, type HookDeps, refused } from "./types.ts";
import { verifySlack } from "./verify-slack.ts";

/**
 * Clicks on the buttons of our messages in Slack. Slack waits three seconds, so nothing is done here but verifying, remembering and handing
 * on; whoever takes the event finds out whether the click counts and tells the person.
 */
export function createSlackHook(deps: HookDeps): Hook {
  return async (request) => {
    const { config, store, clock, slackSigningSecret } = deps;
    if (slackSigningSecret === undefined) return UNCONFIGURED;
    const now = clock.now();
    const verdict = verifySlack(request, slackSigningSecret, now);
    if (!verdict.ok) return verdict.answer;
    const { sentAt, signature } = verdict.verified;
    const click = readSlackClick(request.body);
    if (click.kind === "unreadable") return { status: "malformed", detail: "not an interaction of Slack" };
    if (click.kind === "other") {
      deps.log.info(`hook slack: nothing to do for ${JSON.stringify(click.what.slice(0, 100))}`);
      return { status: "accepted", detail: "Nothing to do." };
    }
    const foreign = whyForeign(click.teams, deps.slackTeams);
    if (foreign !== undefined) return refused(foreign).answer;
    const message = { sentAt, identity: `slack ${signature}` };
    // Claimed before it is handed on: of two copies that come at once, one is taken.
    if (!(await claimMessage(store, message, config.sns.maxAgeMinutes, now)))
      return { status: "repeated", detail: "This click was taken before." };
    try {
      await deps.publish(decisionEvent({ ...click.decided, at: sentAt.toISOString() }, signature));
    } catch (error) {
      await forgetMessage(store, message);
      throw error;
    }
    return { status: "accepted", detail: "Thank you." };
  };
}

/** One app, and so one secret, may serve several workspaces, and channels are shared with others: there `U1` may be somebody else. */
function whyForeign({ here, home }: ClickTeams, teams: readonly string[] | undefined): string | undefined {
  const isOurs = teams === undefined ? here === undefined || home === here : home !== undefined && teams.includes(home);
  const whose = home ?? "an unknown workspace";
  return isOurs ? undefined : `the person is of ${JSON.stringify(whose)}, which notifications.slack.team does not name`;
}

const UNCONFIGURED: HookAnswer = {
  status: "unconfigured",
  detail: "Set notifications.slack.signingSecret in genops.yaml (docs/approvals.md).",
};

/** One click, one id: Slack's signature is different for each. */
function decisionEvent(decided: ActionDecided, signature: string): CloudEvent<ActionDecided> {
  return {
    specversion: "1.0",
    id: `slack-${createHash("sha256").update(signature).digest("hex").slice(0, 32)}`,
    source: "genops/hooks/slack",
    type: "genops.action.approved",
    subject: decided.planHash,
    time: decided.at,
    datacontenttype: "application/json",
    data: decided,
  };
}
