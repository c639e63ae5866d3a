import type { Plan } from "../../../clusters/enforcement/types.ts";
import type { Json } from "../../../core/json.ts";
import { exemptValue, SLACK_ACTIONS } from "../../hooks/slack-payload.ts";
import { plain } from "../slack-message.ts";

const LABEL_LENGTH = 75;
const CONFIRM_LENGTH = 300;
/** More would take the room of the diff; who wants to exempt others uses a namespace, a label, or the API. */
const OPTIONS = 10;

/** What a click on them does without asking for more: docs/approvals.md says the same. */
export const SNOOZE_HOURS = 4;
export const EXEMPT_DAYS = 7;

/** Approve (while it waits), Reject, Snooze, and a choice of what to exempt; each carries the plan's hash. */
export function planButtons(plan: Plan, { waits }: { waits: boolean }): Json {
  const { hash } = plan;
  const elements: Json[] = [
    ...(waits ? [approveButton(plan)] : []),
    { ...button("Reject", SLACK_ACTIONS.reject, hash), style: "danger" },
    button(`Snooze ${SNOOZE_HOURS} h`, SLACK_ACTIONS.snooze, hash),
  ];
  const groups = exemptGroups(plan);
  if (groups.length > 0) elements.push(exemptMenu(groups));
  return { type: "actions", block_id: "genops.plan", elements };
}

/** What blocks or cannot be undone asks once more. */
function approveButton(plan: Plan): Json {
  const hard = plan.steps.some(({ rung, reversible }) => rung === "block" || rung === "human" || !reversible);
  return {
    ...button("Approve", SLACK_ACTIONS.approve, plan.hash),
    style: "primary",
    ...(hard && { confirm: confirm("Really?", confirmText(plan), "Approve") }),
  };
}

function button(label: string, actionId: string, value: string): { [key: string]: Json } {
  return { type: "button", text: plain(label, LABEL_LENGTH), action_id: actionId, value };
}

function confirm(title: string, text: string, yes: string): Json {
  return {
    title: plain(title, 100),
    text: plain(text, CONFIRM_LENGTH),
    confirm: plain(yes, 30),
    deny: plain("Back", 30),
  };
}

function confirmText({ steps, cluster }: Plan): string {
  const pods = steps.reduce((sum, step) => sum + step.pods, 0);
  const forEver = steps.filter(({ reversible }) => !reversible).length;
  const undone = forEver === 0 ? "All of it can be undone." : `${forEver} of them cannot be undone.`;
  return `${steps.length} steps in ${cluster}, ${pods} pods go. ${undone}`;
}

function exemptMenu(groups: readonly Json[]): Json {
  return {
    type: "static_select",
    action_id: SLACK_ACTIONS.exempt,
    placeholder: plain(`Exempt for ${EXEMPT_DAYS} days…`, LABEL_LENGTH),
    option_groups: groups,
    confirm: confirm("Exempt?", `GenOps leaves it alone for ${EXEMPT_DAYS} days; this plan is dropped.`, "Exempt"),
  };
}

/** Each workload and each namespace of the plan once; the first step that is about it stands for it. */
function exemptGroups(plan: Plan): Json[] {
  const steps = plan.steps.flatMap((step, index) =>
    step.namespace === undefined
      ? []
      : [{ namespace: step.namespace, subject: step.subject, write: step.write, index }],
  );
  const isFirst = (key: "namespace" | "subject") => (step: (typeof steps)[number], index: number) =>
    steps.findIndex((each) => each[key] === step[key]) === index;
  const workloads = steps
    .filter(isFirst("subject"))
    .filter(({ write }) => write.kind === "fields" && write.target.namespace !== undefined);
  const namespaces = steps.filter(isFirst("namespace"));
  const option = (label: string, index: number, what: "workload" | "namespace"): Json => ({
    text: plain(label, LABEL_LENGTH),
    value: exemptValue(plan.hash, { step: index, what }),
  });
  const group = (label: string, options: readonly Json[]): Json[] =>
    options.length === 0 ? [] : [{ label: plain(label, LABEL_LENGTH), options: options.slice(0, OPTIONS) }];
  return [
    ...group(
      "One workload",
      workloads.map(({ subject, index }) => option(subject, index, "workload")),
    ),
    ...group(
      "A whole namespace",
      namespaces.map(({ namespace, index }) => option(namespace, index, "namespace")),
    ),
  ];
}
