import { createHash } from "node:crypto";
import * as z from "zod";
import { GenOpsError } from "../../core/errors.ts";
import type { CloudEvent, CollectPart, CollectWanted, ExportWritten, ScheduleDue } from "../../core/events.ts";
import { canonicalJson } from "../../core/json.ts";
import { isMonth } from "../../core/period.ts";
import type { CollectDeps } from "../../ledger/collect/deps.ts";
import type { Delivery } from "../../ports/event-bus.ts";
import type { Invocation } from "../../ports/invocation.ts";
import type { Runtime } from "../runtime.ts";

const deferred = z.exactOptional(z.int().min(0));
const periods = z.exactOptional(z.array(z.string().refine(isMonth, "expected billing periods such as 2024-09")));

export const Wanted: z.ZodType<CollectWanted> = z.object({
  source: z.string(),
  periods,
  force: z.exactOptional(z.boolean()),
  notBefore: z.exactOptional(z.iso.datetime()),
  pauses: z.exactOptional(z.int().min(0)),
  deferred,
});
export const Part: z.ZodType<CollectPart> = z.object({ job: z.string(), part: z.int().min(0), deferred });
export const Written: z.ZodType<ExportWritten> = z.object({ location: z.string() });
export const Due: z.ZodType<ScheduleDue> = z.object({ task: z.enum(["collect", "evaluate", "tell", "sweep"]) });

/** The data of an event, or `refused`: no other delivery of it could be better. */
export function dataOf<T>(event: CloudEvent, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(event.data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new GenOpsError("refused", `event ${event.id} of type ${event.type}: ${issue?.message ?? "invalid"}`, {
    place: { field: ["data", ...(issue?.path ?? [])].join(".") },
  });
}

/** What `collect` needs of a runtime. */
export type CollectRuntime = CollectDeps & Pick<Runtime, "config" | "isHome" | "withCosts" | "costsQuery">;

/** What a call of `collect` works with. */
export interface Call {
  runtime: CollectRuntime;
  invocation: Invocation;
  event: CloudEvent;
}

type Sent = "genops.collect.wanted" | "genops.collect.part";

/** Sends an event that follows from this one. The same cause with the same consequence has the same id. */
export async function publish(
  { runtime, invocation, event }: Call,
  type: Sent,
  data: CollectWanted | CollectPart,
  delivery: Delivery = {},
): Promise<void> {
  const hash = createHash("sha256")
    .update(canonicalJson([event.id, type, data]))
    .digest("hex")
    .slice(0, 32);
  const subject = "job" in data ? `${data.job}/${data.part}` : data.source;
  const followUp: CloudEvent = {
    specversion: "1.0",
    id: `${type.slice("genops.".length)}/${hash}`,
    source: "/genops/collect",
    type,
    subject,
    time: runtime.clock.now().toISOString(),
    datacontenttype: "application/json",
    correlationid: invocation.correlationId,
    data,
  };
  await runtime.events.publish(followUp, delivery);
}
