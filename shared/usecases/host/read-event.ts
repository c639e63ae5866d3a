import * as z from "zod";
import { GenOpsError } from "../../core/errors.ts";
import type { CloudEvent, EventType } from "../../core/events.ts";

/** Long enough for every id and name of the clouds, short enough to be logged. */
const Text = z.string().min(1).max(1_000);

/** All of them, or the compiler complains. */
const TYPES: Readonly<Record<EventType, true>> = {
  "genops.schedule.due": true,
  "genops.export.written": true,
  "genops.collect.wanted": true,
  "genops.collect.part": true,
  "genops.alert.received": true,
  "genops.costs.changed": true,
  "genops.finding.opened": true,
  "genops.finding.updated": true,
  "genops.finding.resolved": true,
  "genops.action.wanted": true,
  "genops.action.approved": true,
  "genops.action.applied": true,
  "genops.action.restored": true,
  "genops.action.contested": true,
  "genops.health.changed": true,
};

const Envelope = z.object({
  specversion: z.literal("1.0"),
  id: Text,
  source: Text,
  type: z.enum(Object.keys(TYPES) as EventType[]),
  subject: z.exactOptional(Text),
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.literal("application/json").default("application/json"),
  correlationid: z.exactOptional(Text),
  traceparent: z.exactOptional(z.string().max(200)),
  data: z.unknown(),
});

/** The event that a platform handed over, or a `refused` error that says what is wrong with it. What it carries is for its handler to check. */
export function readEvent(candidate: unknown): CloudEvent {
  const parsed = Envelope.safeParse(candidate);
  if (parsed.success) return { ...parsed.data, data: parsed.data.data };
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") ?? "";
  throw new GenOpsError("refused", `not an event that GenOps knows: ${issue?.message ?? "invalid"}`, {
    place: field === "" ? {} : { field },
  });
}
