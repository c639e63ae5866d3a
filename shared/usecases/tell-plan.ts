import { listPlans, OPEN } from "../clusters/enforcement/approvals/plan-records.ts";
import { settlePlan } from "../clusters/enforcement/approvals/settle-plan.ts";
import type { PlanRecord } from "../clusters/enforcement/approvals/types.ts";
import { tellsNotices } from "../interfaces/notifications/notice-teller.ts";
import { drainOutbox, enqueueNotice } from "../interfaces/notifications/outbox.ts";
import { planNotice } from "../interfaces/notifications/plan-message/plan-notice.ts";
import { createNotifiers } from "../interfaces/notifications/registry.ts";
import { approvalDeps } from "./approval-deps.ts";
import type { Runtime } from "./runtime.ts";
import { drainDeps, sendPatiently, type TellOptions } from "./tell-findings.ts";

/**
 * Tells Slack where plans are in their lives: one message for each, corrected in place, with a reply in its thread at each change. Written
 * down before it is sent, so that a Slack that does not answer delays it and loses nothing. The same revision again is told once.
 */
export async function tellPlans(
  runtime: Runtime,
  records: readonly PlanRecord[],
  options: TellOptions = {},
): Promise<void> {
  const { config, clock } = runtime;
  const notifiers = createNotifiers(config.notifications, { clock });
  const tellers = notifiers.filter(tellsNotices);
  if (tellers.length === 0) return;
  const deps = { ...drainDeps(runtime), notifiers };
  for (const record of records) {
    const notice = planNotice(record);
    for (const { id } of tellers) await enqueueNotice(deps, notice, id);
  }
  await sendPatiently(runtime, deps, () => drainOutbox(deps), options);
}

export function tellPlan(runtime: Runtime, record: PlanRecord, options: TellOptions = {}): Promise<void> {
  return tellPlans(runtime, [record], options);
}

const DAY_MS = 86_400_000;

/**
 * Brings all plans up to date with the time (approvals and snoozes that are over, plans that expired) and tells what is new, also what whoever
 * changed them could not tell any more. For the schedule of `enforce`.
 */
export async function followPlans(runtime: Runtime, options: TellOptions = {}): Promise<readonly PlanRecord[]> {
  const since = runtime.clock.now().getTime() - DAY_MS;
  const records: PlanRecord[] = [];
  for (const record of await listPlans(runtime.lake)) {
    const settled = OPEN.has(record.state) ? await settlePlan(approvalDeps(runtime), record.plan.hash) : record;
    records.push(settled ?? record);
  }
  const recent = records.filter(({ state, updatedAt }) => OPEN.has(state) || Date.parse(updatedAt) > since);
  await tellPlans(runtime, recent, options);
  return records;
}
