import * as z from "zod";
import type { ObjectStore } from "../../ports/object-store.ts";
import { readDocument, updateDocument } from "../json-document.ts";

/** What the last accepted content of one set of locations was: lets an unchanged export be recognised without converting it (L3). */
export interface DeliveryRecord {
  contentHash: string;
  periods: string[];
  /** How a bucket listed it, so that it is recognised without being downloaded. */
  identity?: string | undefined;
}

const Schema: z.ZodType<DeliveryRecord> = z.object({
  contentHash: z.string(),
  periods: z.array(z.string()),
  identity: z.string().optional(),
});

function keyOf(source: string, name: string): string {
  return `deliveries/${source}/${name}.json`;
}

export async function readDeliveryRecord(
  store: ObjectStore,
  source: string,
  name: string,
): Promise<DeliveryRecord | undefined> {
  return (await readDocument(store, keyOf(source, name), Schema))?.value;
}

export async function keepDeliveryRecord(
  store: ObjectStore,
  source: string,
  name: string,
  record: DeliveryRecord,
): Promise<void> {
  const same = (before: DeliveryRecord) =>
    before.contentHash === record.contentHash &&
    before.identity === record.identity &&
    before.periods.join() === record.periods.join();
  await updateDocument(store, keyOf(source, name), Schema, (before) =>
    before !== undefined && same(before) ? before : record,
  );
}
