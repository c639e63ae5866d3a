import { advanceByHolds } from "../clusters/enforcement/approvals/follow-holds.ts";
import {
  type Advance,
  advancePlan,
  listPlans,
  OPEN,
  readPlan,
} from "../clusters/enforcement/approvals/plan-records.ts";
import { settlePlan } from "../clusters/enforcement/approvals/settle-plan.ts";
import type { PlanRecord, PlanState } from "../clusters/enforcement/approvals/types.ts";
import { readStoredHolds } from "../clusters/enforcement/hold/document.ts";
import type { ClusterHolds } from "../clusters/enforcement/types.ts";
import { GenOpsError } from "../core/errors.ts";
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
const ENDED: ReadonlySet<PlanState> = new Set(["rejected", "expired", "restored"]);

/**
 * Brings all plans up to date with the time (approvals and snoozes that are over, plans that expired) and with what is held (contested,
 * restored), and tells what is new, also what whoever changed them could not tell any more. For the schedule of `enforce`.
 */
export async function followPlans(runtime: Runtime, options: TellOptions = {}): Promise<readonly PlanRecord[]> {
  const since = runtime.clock.now().getTime() - DAY_MS;
  const holds = new Map<string, Promise<ClusterHolds | undefined>>();
  const holdsOf = (cluster: string) => {
    const read = holds.get(cluster) ?? readStoredHolds(runtime.lake, cluster);
    holds.set(cluster, read);
    return read;
  };
  const records: PlanRecord[] = [];
  for (const record of await listPlans(runtime.lake)) records.push(await follow(runtime, record, holdsOf));
  const recent = records.filter(({ state, updatedAt }) => OPEN.has(state) || Date.parse(updatedAt) > since);
  await tellPlans(runtime, recent, options);
  return records;
}

async function follow(
  runtime: Runtime,
  record: PlanRecord,
  holdsOf: (cluster: string) => Promise<ClusterHolds | undefined>,
): Promise<PlanRecord> {
  const deps = approvalDeps(runtime);
  const { hash, cluster } = record.plan;
  if (OPEN.has(record.state)) return (await settlePlan(deps, hash)) ?? record;
  if (ENDED.has(record.state)) return record;
  const advance = advanceByHolds(record, await holdsOf(cluster), runtime.clock.now());
  return advance === undefined ? record : advanceOrRead(runtime, record, advance);
}

/** Another run may have seen more: what it wrote stands. */
async function advanceOrRead(runtime: Runtime, record: PlanRecord, advance: Advance): Promise<PlanRecord> {
  try {
    return await advancePlan(approvalDeps(runtime), record.plan.hash, advance);
  } catch (error) {
    if (!(error instanceof GenOpsError) || error.code !== "conflict") throw error;
    return (await readPlan(runtime.lake, record.plan.hash)) ?? record;
  }
}
