import type { CloudEvent } from "../../core/events.ts";
import type { Finding } from "../../core/finding.ts";
import { inParallel } from "../../core/in-parallel.ts";
import { READERS } from "../../ledger/head.ts";
import { readDocument, updateDocument } from "../../ledger/json-document.ts";
import type { Clock } from "../../ports/clock.ts";
import type { EventBus } from "../../ports/event-bus.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import { FindingDocument, type OwedEvent } from "./schema.ts";

export interface FindingDeps {
  store: ObjectStore;
  clock: Pick<Clock, "now">;
  events: EventBus;
}

const PREFIX = "findings/";
/** An event owed for longer than this was left behind by a run that died. */
const ABANDONED_MS = 120_000;

function objectKey(key: string): string {
  return `${PREFIX}${key}.json`;
}

/** One stored finding. */
export async function readFinding(
  { store }: Pick<FindingDeps, "store">,
  key: string,
): Promise<FindingDocument | undefined> {
  return (await readDocument(store, objectKey(key), FindingDocument))?.value;
}

/** Every stored finding, the newest first. */
export async function listFindings(deps: Pick<FindingDeps, "store">): Promise<FindingDocument[]> {
  const names: string[] = [];
  for await (const { key } of deps.store.list(PREFIX)) names.push(key);
  const read = await inParallel(names, READERS, (name) => readDocument(deps.store, name, FindingDocument));
  const findings = read.flatMap((document) => document?.value ?? []);
  return findings.sort((a, b) =>
    a.openedAt === b.openedAt ? (a.key < b.key ? -1 : 1) : a.openedAt > b.openedAt ? -1 : 1,
  );
}

export interface Change {
  before: FindingDocument | undefined;
  /** Undefined when nothing was written. */
  after: FindingDocument | undefined;
}

/**
 * Changes one finding by compare-and-swap: `next` sees what is stored and answers what should be, or `undefined` to leave it. When
 * somebody else was first, it is asked again with what is stored then. Afterwards the events that the change owes are published.
 */
export async function changeStored(
  deps: FindingDeps,
  key: string,
  next: (before: FindingDocument | undefined) => FindingDocument | undefined,
): Promise<Change> {
  const change = await swap(deps.store, key, next);
  const stored = change.after ?? change.before;
  if (stored !== undefined) await publishOwed(deps, stored, change.before);
  return change;
}

async function swap(
  store: ObjectStore,
  key: string,
  next: (before: FindingDocument | undefined) => FindingDocument | undefined,
): Promise<Change> {
  const change: Change = { before: undefined, after: undefined };
  await updateDocument(store, objectKey(key), FindingDocument, (before) => {
    change.before = before;
    change.after = next(before);
    return change.after;
  });
  return change;
}

/**
 * Publishes what this writer owes and what others left behind, then strikes it off. The document is written before its events and
 * struck off after them, so a crash in between is made good by a later run. Ids are the same each time: a handler can tell repeats.
 */
async function publishOwed(
  deps: FindingDeps,
  stored: FindingDocument,
  before: FindingDocument | undefined,
): Promise<void> {
  const abandoned = deps.clock.now().getTime() - ABANDONED_MS;
  const earlier = new Set(before?.owed.map(eventIdentity));
  const due = stored.owed.filter((event) => !earlier.has(eventIdentity(event)) || Date.parse(event.since) <= abandoned);
  if (due.length === 0) return;
  for (const event of due) await deps.events.publish(cloudEvent(stored, event));
  const published = new Set(due.map(eventIdentity));
  await swap(deps.store, stored.key, (current) => {
    const owed = current?.owed.filter((event) => !published.has(eventIdentity(event)));
    return current === undefined || owed === undefined || owed.length === current.owed.length
      ? undefined
      : { ...current, owed };
  });
}

function eventIdentity({ type, revision }: OwedEvent): string {
  return `${revision}/${type}`;
}

function cloudEvent(finding: Finding, { type, revision, since }: OwedEvent): CloudEvent {
  const { key, state, wantedActions } = finding;
  return {
    specversion: "1.0",
    id: `${key}/${revision}/${type}`,
    source: "/genops/governance",
    type,
    subject: key,
    time: since,
    datacontenttype: "application/json",
    data: type === "genops.action.wanted" ? { key, wantedActions } : { key, revision, state },
  };
}
