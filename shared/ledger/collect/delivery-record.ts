import * as z from "zod";
import type { ObjectStore } from "../../ports/object-store.ts";
import { readDocument, updateDocument } from "../json-document.ts";

/** What the last accepted content of one set of locations was: lets an unchanged export be recognised without converting it (L3). */
export interface DeliveryRecord {
  contentHash: string;
  periods: string[];
}

const Schema: z.ZodType<DeliveryRecord> = z.object({ contentHash: z.string(), periods: z.array(z.string()) });

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
  await updateDocument(store, keyOf(source, name), Schema, (before) =>
    before?.contentHash === record.contentHash && before.periods.join() === record.periods.join() ? before : record,
  );
}
