import { createHash } from "node:crypto";
import { isMonth } from "../../core/period.ts";
import { currentVersion, listHeads, readHead } from "../head.ts";
import { keepQuarantine, type Quarantine } from "../quarantine.ts";
import type { ReplaceDeps } from "../replace-period.ts";
import { readDeliveryRecord } from "./delivery-record.ts";
import { type CollectRun, emptyRun, runOf } from "./run.ts";
import type { Staged } from "./stage-deliveries.ts";

export interface EmptyDelivery {
  source: string;
  deliveries: readonly {
    period?: string | undefined;
    manifest?: string | undefined;
    files: readonly { name: string }[];
  }[];
  /** Name of the delivery record of these locations. */
  record: string;
  contentHash: string;
}

/** L5: an export without rows never erases a period. */
export async function quarantineEmpty(
  deps: Pick<ReplaceDeps, "lake" | "clock">,
  { source, deliveries, record, contentHash }: EmptyDelivery,
  staged: Pick<Staged, "messages" | "bytesRead">,
): Promise<CollectRun> {
  const heads = await listHeads(deps.lake, source);
  const period =
    deliveries.find((delivery) => delivery.period !== undefined)?.period ??
    (await readDeliveryRecord(deps.lake, source, record))?.periods[0] ??
    heads.at(-1)?.billingPeriod ??
    "";
  const names = deliveries.flatMap(({ files, manifest }) =>
    files.length === 0 ? [manifest ?? "a manifest"] : files.map(({ name }) => name),
  );
  const detail = `no rows in ${names.join(", ")}`;
  const fingerprint = createHash("sha256").update(contentHash).update(record).digest("hex");
  const id = `${source}-${period === "" ? "empty" : period}-${fingerprint.slice(0, 12)}`;
  const current = heads.find(({ billingPeriod }) => billingPeriod === period);
  const confirmed = current === undefined ? undefined : currentVersion(current);
  if (confirmed?.contentHash === id)
    return { ...runOf("unchanged", confirmed, staged.messages), bytesRead: staged.bytesRead };
  const kept = await keepQuarantine(deps.lake, {
    id,
    source,
    billingPeriod: period,
    reason: "empty",
    detail,
    at: deps.clock.now().toISOString(),
    state: "waiting",
  });
  if (kept.state === "discarded") return { ...(await discardedRun(deps, kept)), bytesRead: staged.bytesRead };
  const messages = [...staged.messages, `quarantined as ${kept.id}: ${detail}; what was loaded before stays`];
  return { ...emptyRun("quarantined", source, period, messages), bytesRead: staged.bytesRead, quarantine: kept.id };
}

/** Nothing new: a person has said no to this delivery. */
export async function discardedRun(
  deps: Pick<ReplaceDeps, "lake">,
  { id, source, billingPeriod, detail }: Quarantine,
): Promise<CollectRun> {
  const messages = [`was discarded before (${id}): ${detail}`];
  const head = isMonth(billingPeriod) ? await readHead(deps.lake, source, billingPeriod) : undefined;
  return head === undefined
    ? emptyRun("unchanged", source, billingPeriod, messages)
    : runOf("unchanged", currentVersion(head.value), messages);
}
