import * as z from "zod";
import type { ActionDecided } from "../../core/events.ts";

/** Action ids of our buttons; values are the plan's hash, with the step behind it where one is chosen. */
export const SLACK_ACTIONS = {
  approve: "genops.plan.approve",
  reject: "genops.plan.reject",
  snooze: "genops.plan.snooze",
  exempt: "genops.plan.exempt",
} as const;

const Clicked = z.object({
  action_id: z.string(),
  value: z.string().max(200).optional(),
  selected_option: z.object({ value: z.string().max(200) }).nullish(),
});

const Interaction = z.object({
  type: z.string(),
  user: z.object({ id: z.string().regex(/^[UW][A-Z0-9]{1,30}$/), team_id: z.string().max(40).nullish() }),
  team: z.object({ id: z.string().max(40) }).nullish(),
  response_url: z.string().max(2_000).optional(),
  actions: z.array(Clicked).max(25).optional(),
});
type Interaction = z.output<typeof Interaction>;

/** The workspace where the click was made, and that of the person, as far as Slack tells them. */
export interface ClickTeams {
  here?: string;
  home?: string;
}

export type SlackClick =
  | { kind: "decision"; decided: Omit<ActionDecided, "at">; teams: ClickTeams }
  /** Signed by Slack, and nothing that we have asked for. */
  | { kind: "other"; what: string }
  | { kind: "unreadable" };

/** A click on one of our buttons, out of the url-encoded body. */
export function readSlackClick(body: string): SlackClick {
  const parsed = Interaction.safeParse(payloadOf(body));
  if (!parsed.success) return { kind: "unreadable" };
  const { type, actions = [] } = parsed.data;
  const action = actions[0];
  if (type !== "block_actions" || action === undefined) return { kind: "other", what: type };
  const decision = decisionOf(action.action_id);
  const { hash, rest } = planAndRest(action.selected_option?.value ?? action.value ?? "");
  if (decision === undefined || hash === undefined) return { kind: "other", what: action.action_id };
  const exempt = decision === "exempt" ? exemptOf(rest) : undefined;
  if (decision === "exempt" && exempt === undefined) return { kind: "other", what: action.action_id };
  return {
    kind: "decision",
    decided: decidedOf(parsed.data, { planHash: hash, decision, exempt }),
    teams: teamsOf(parsed.data),
  };
}

function teamsOf({ team, user }: Interaction): ClickTeams {
  const here = team?.id;
  const home = user.team_id ?? here;
  return { ...(here !== undefined && { here }), ...(home !== undefined && { home }) };
}

function decidedOf(
  { user, response_url }: Interaction,
  { planHash, decision, exempt }: { planHash: string; decision: ActionDecided["decision"]; exempt: Exempt | undefined },
): Omit<ActionDecided, "at"> {
  return {
    planHash,
    decision,
    slackUser: user.id,
    ...(exempt !== undefined && { exempt }),
    ...(response_url !== undefined && { responseUrl: response_url }),
  };
}

function payloadOf(body: string): unknown {
  try {
    return JSON.parse(new URLSearchParams(body).get("payload") ?? "");
  } catch {
    return undefined;
  }
}

function decisionOf(actionId: string): ActionDecided["decision"] | undefined {
  const found = Object.entries(SLACK_ACTIONS).find(([, id]) => id === actionId)?.[0];
  return found === "approve" || found === "reject" || found === "snooze" || found === "exempt" ? found : undefined;
}

function planAndRest(value: string): { hash: string | undefined; rest: string } {
  const [hash = "", rest = ""] = value.split(":", 2);
  return { hash: /^[0-9a-f]{16,64}$/.test(hash) ? hash : undefined, rest };
}

type Exempt = NonNullable<ActionDecided["exempt"]>;

/** `w12`: the workload of step 12. `n12`: its namespace. */
function exemptOf(text: string): Exempt | undefined {
  const match = /^([wn])(\d{1,5})$/.exec(text);
  return match === null ? undefined : { step: Number(match[2]), what: match[1] === "n" ? "namespace" : "workload" };
}

export function exemptValue(hash: string, { step, what }: Exempt): string {
  return `${hash}:${what === "namespace" ? "n" : "w"}${step}`;
}
