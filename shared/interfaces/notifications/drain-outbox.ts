import { GenOpsError } from "../../core/errors.ts";
import {
  type ConversationDeps,
  type Limits,
  type PendingConversation,
  type Step,
  stepConversation,
} from "./outbox-conversation.ts";
import { keyPart, PENDING, RECEIPTS } from "./outbox-documents.ts";
import { type AddressedNotifier, disableQueue, holdQueue, queueBlock } from "./outbox-queue.ts";

const DAY_MS = 86_400_000;
/**
 * So many receivers' refusals in a row, and the rest of the queue waits too: the receiver is down, not the message
 * wrong.
 */
const FAILURES_THAT_HOLD = 3;

export interface DrainDeps extends ConversationDeps {
  notifiers: readonly AddressedNotifier[];
}

export interface DrainOptions {
  /** Wait for what becomes due until then; without it, only what is due now is sent. No attempt starts after it. */
  deadline?: Date;
  /**
   * Failed attempts before a message is given up; default 60. Being told to wait (`Retry-After`) is no failed attempt.
   */
  maxAttempts?: number;
  /** Age at which a message that cannot be delivered is given up; default three days. */
  giveUpAfterMs?: number;
}

export interface DrainReport {
  sent: number;
  failed: number;
  superseded: number;
  /** Findings that still wait for a notifier, also those that another drainer is sending now. */
  waiting: number;
  /** When the first of them becomes due. */
  nextAttemptAt?: string;
  /** Documents that could not be read or written; the rest was drained. */
  problems: string[];
}

interface Run {
  deps: DrainDeps;
  limits: Limits;
  deadline: Date | undefined;
  report: DrainReport;
}

/**
 * Delivers what is due, oldest revisions of a finding never after newer ones. At least once; exactly once unless a
 * sender dies between the receiver's taking the message and the note of it, or the receiver's answer is lost. Any
 * number of drainers may run at once.
 */
export async function drainOutbox(deps: DrainDeps, options: DrainOptions = {}): Promise<DrainReport> {
  const { deadline, maxAttempts = 60, giveUpAfterMs = 3 * DAY_MS } = options;
  const report: DrainReport = { sent: 0, failed: 0, superseded: 0, waiting: 0, problems: [] };
  const run: Run = { deps, limits: { maxAttempts, giveUpAfterMs }, deadline, report };
  for (;;) {
    report.waiting = 0;
    report.problems = [];
    const next = earliest(await drainOnce(run));
    const waitMs = next === undefined ? 0 : next.getTime() - deps.clock.now().getTime();
    if (next === undefined || deadline === undefined || next >= deadline) {
      return next === undefined ? report : { ...report, nextAttemptAt: next.toISOString() };
    }
    await deps.clock.sleep(Math.max(1, waitMs));
  }
}

function earliest(instants: readonly (Date | undefined)[]): Date | undefined {
  return instants.filter((instant) => instant !== undefined).sort((a, b) => a.getTime() - b.getTime())[0];
}

/**
 * One pass over all queues, side by side: a slow receiver delays nobody else. Answers when each queue has something due
 * next.
 */
async function drainOnce(run: Run): Promise<(Date | undefined)[]> {
  const queues = await listPending(run.deps);
  return await Promise.all(
    run.deps.notifiers.map((notifier) => drainQueue(run, notifier, queues.get(keyPart(notifier.id)) ?? [])),
  );
}

async function listPending({ store }: DrainDeps): Promise<Map<string, PendingConversation[]>> {
  const queues = new Map<string, Map<string, PendingConversation>>();
  for await (const { key } of store.list(PENDING)) {
    const [notifier = "", finding = "", revision = ""] = key.slice(PENDING.length).split("/");
    const queue = queues.get(notifier) ?? new Map<string, PendingConversation>();
    queues.set(notifier, queue);
    const conversation = queue.get(finding) ?? { key: `${RECEIPTS}${finding}/${notifier}`, entries: [] };
    queue.set(finding, conversation);
    conversation.entries.push({ key, revision: Number(revision) });
  }
  return new Map([...queues].map(([notifier, queue]) => [notifier, [...queue.values()]]));
}

async function drainQueue(
  run: Run,
  notifier: AddressedNotifier,
  queue: readonly PendingConversation[],
): Promise<Date | undefined> {
  const { deps, report } = run;
  const due: Date[] = [];
  let failures = 0;
  for (const [index, pending] of queue.entries()) {
    if (run.deadline !== undefined && deps.clock.now() >= run.deadline) {
      report.waiting += queue.length - index;
      return deps.clock.now();
    }
    const block = await queueBlock(deps, notifier);
    if (block !== undefined && "held" in block) {
      report.waiting += queue.length - index;
      return block.held;
    }
    const step = await tryStep(run, notifier, pending, block?.disabled);
    failures = step.kind === "later" ? failures + 1 : 0;
    const until = await account(run, notifier, step, failures);
    if (until !== undefined) due.push(until);
  }
  return earliest(due);
}

/** A document that cannot be read stops its own conversation, not the others. */
async function tryStep(
  run: Run,
  notifier: AddressedNotifier,
  pending: PendingConversation,
  disabled: string | undefined,
): Promise<Step> {
  const refusal = disabled === undefined ? undefined : `the notifier is disabled: ${disabled}`;
  try {
    return await stepConversation(run.deps, notifier, pending, run.limits, refusal);
  } catch (error) {
    if (!(error instanceof GenOpsError) || error.code === "unavailable") throw error;
    run.report.problems.push(error.message);
    return { kind: "waiting", until: undefined };
  }
}

/** Books a step; the answer is when this conversation or its queue may go on. */
async function account(run: Run, notifier: AddressedNotifier, step: Step, failures: number): Promise<Date | undefined> {
  const { deps, report } = run;
  switch (step.kind) {
    case "nothing":
      return undefined;
    case "waiting":
      report.waiting += 1;
      return step.until;
    case "later":
      report.waiting += 1;
      if (step.hold || failures >= FAILURES_THAT_HOLD) await holdQueue(deps, notifier, step.until, step.reason);
      return step.until;
    case "settled":
      report[step.state] += 1;
      report.superseded += step.superseded;
      if (step.disable !== undefined) await disableQueue(deps, notifier, step.disable);
      return undefined;
  }
}
