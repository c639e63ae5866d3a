import type { SourceConfig } from "../../config/types.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { CollectWanted } from "../../core/events.ts";
import { collectUnit, failedRun } from "../../ledger/collect/collect-source.ts";
import { isForMany, startJob } from "../../ledger/collect/fan-out/run-job.ts";
import { type BillUnit, type CollectUnit, planSource } from "../../ledger/collect/plan-source.ts";
import { recogniseDelivery, unfinishedRuns } from "../../ledger/collect/recognise.ts";
import type { CollectRun } from "../../ledger/collect/run.ts";
import { type Call, dataOf, publish, Wanted } from "./events.ts";
import { followUp, reportStep } from "./job-step.ts";
import { reportRuns } from "./report-runs.ts";
import { bytesOf, isTimeFor, RESERVE_MS, timeFor } from "./time-left.ts";

/** Longer pauses are not waited for: the next schedule comes first. */
const WAIT_AT_MOST_MS = 15 * 60_000;
/** After so many a source is given up until the next schedule: each schedule would begin another row of pauses without end. */
const PAUSES_AT_MOST = 40;

/** `genops.collect.wanted`: reads a source, as much of it as fits into this call; the rest is asked for again. */
export async function collectWanted(call: Call, sources: readonly SourceConfig[]): Promise<void> {
  const { invocation } = call;
  const wanted = dataOf(call.event, Wanted);
  const source = sources.find(({ id }) => id === wanted.source);
  if (source === undefined) {
    invocation.log.warn("this source is not collected here", { source: wanted.source });
    return;
  }
  if (!(await isDue(call, wanted))) return;
  const collected = await invocation.tracer.span("collect source", { source: source.id }, () =>
    collectSource(call, source, wanted),
  );
  const { complete } = collected;
  const runs = collected.runs.map((run) => (isWithoutEnd(run, wanted) ? givenUp(run) : run));
  await askAgain(call, wanted, runs);
  await reportRuns(call, runs, { partial: !complete });
}

/** Waits for the end of a pause where the queue could not; what does not fit into this call is waited for in the next. */
async function isDue(call: Call, wanted: CollectWanted): Promise<boolean> {
  const { runtime, invocation } = call;
  const wait = Date.parse(wanted.notBefore ?? "") - runtime.clock.now().getTime();
  if (!(wait > 0)) return true;
  const room = Math.max(invocation.deadline.remainingMs() - RESERVE_MS, 0);
  await runtime.clock.sleep(Math.min(wait, room));
  if (wait <= room) return true;
  await publish(call, "genops.collect.wanted", wanted, { delayMs: wait - room });
  return false;
}

interface Collected {
  runs: CollectRun[];
  /** Whether these runs are all that there is to say about the source. */
  complete: boolean;
}

async function collectSource(call: Call, source: SourceConfig, wanted: CollectWanted): Promise<Collected> {
  const { runtime } = call;
  const periods = wanted.periods ?? [];
  const input = { periods, force: wanted.force === true, baseDir: runtime.config.baseDir };
  const units = await planSource(runtime, source, input).catch((error: unknown) => failedRun(source.id, "", error));
  if (!Array.isArray(units)) return { runs: [units], complete: periods.length === 0 };
  const collected: Collected = { runs: [], complete: periods.length === 0 };
  for (const [index, unit] of units.entries()) {
    const outcome = await collectOne(call, unit, index === 0 ? wanted.deferred : 0);
    if (outcome === "no time") {
      await defer(call, wanted, { rest: units.slice(index), isStuck: index === 0 });
      return { ...collected, complete: false };
    }
    collected.runs.push(...outcome);
    if (outcome.length === 0) collected.complete = false;
  }
  return collected;
}

async function collectOne(
  call: Call,
  unit: CollectUnit,
  deferred: number | undefined,
): Promise<CollectRun[] | "no time"> {
  const { runtime, invocation } = call;
  const fits = (ms: number) => isTimeFor(ms, invocation.deadline.remainingMs(), deferred);
  if (unit.kind === "bill") {
    const known = await recogniseDelivery(runtime, unit);
    if (known !== undefined) return known;
    if (isForMany(unit, runtime.limits)) return fits(RESERVE_MS) ? collectByParts(call, unit) : "no time";
  }
  return fits(timeFor(bytesOf(unit))) ? collectUnit(runtime, unit) : "no time";
}

async function collectByParts(call: Call, unit: BillUnit): Promise<CollectRun[]> {
  const unfinished = unfinishedRuns(call.runtime, unit);
  if (unfinished !== undefined) return unfinished;
  try {
    const step = await startJob(call.runtime, unit, call.event.id);
    await followUp(call, step);
    if (step.status === "finished") await reportStep(call, step);
    return [];
  } catch (error) {
    if (!(error instanceof GenOpsError)) throw error;
    return [failedRun(unit.source.id, unit.period ?? "", error)];
  }
}

/** What did not fit is another event, with the periods that are left where they are known. */
async function defer(
  call: Call,
  wanted: CollectWanted,
  { rest, isStuck }: { rest: readonly CollectUnit[]; isStuck: boolean },
): Promise<void> {
  const { notBefore: _waitedFor, ...data } = wanted;
  const left = rest.map(({ period }) => period);
  const known = left.filter((period) => period !== undefined);
  call.invocation.log.info("not enough time left; the rest follows", { source: wanted.source, periods: known });
  await publish(call, "genops.collect.wanted", {
    ...data,
    ...(known.length === left.length ? { periods: known } : {}),
    deferred: isStuck ? (wanted.deferred ?? 0) + 1 : 0,
  });
}

function isWithoutEnd({ laterMs }: CollectRun, { pauses = 0 }: CollectWanted): boolean {
  return laterMs !== undefined && laterMs <= WAIT_AT_MOST_MS && pauses >= PAUSES_AT_MOST;
}

/** Somebody has to know: nothing else would say that these costs do not arrive. */
function givenUp({ source, period, messages }: CollectRun): CollectRun {
  const why = messages.length === 0 ? "" : `: ${messages.join("; ")}`;
  const text = `still not read after ${PAUSES_AT_MOST} pauses${why}; give the function more time, or run genops collect on a machine`;
  return failedRun(source, period, new GenOpsError("refused", text));
}

/** Runs that a source or an export asked to wait for. */
async function askAgain(call: Call, wanted: CollectWanted, runs: readonly CollectRun[]): Promise<void> {
  const now = call.runtime.clock.now().getTime();
  for (const { source, period, laterMs } of runs) {
    if (laterMs === undefined) continue;
    if (laterMs > WAIT_AT_MOST_MS) {
      call.invocation.log.info("the rest is left to the next schedule", { source, period, laterMs });
      continue;
    }
    const again: CollectWanted = {
      source,
      ...(period === "" ? {} : { periods: [period] }),
      ...(wanted.force === undefined ? {} : { force: wanted.force }),
      notBefore: new Date(now + laterMs).toISOString(),
      pauses: (wanted.pauses ?? 0) + 1,
    };
    await publish(call, "genops.collect.wanted", again, { delayMs: laterMs });
  }
}
