import * as z from "zod";
import { DecimalCodec } from "../../../core/decimal-codec.ts";
import type { Json } from "../../../core/json.ts";
import type { KubeObject } from "../../connections/types.ts";
import { BILLING_ACTIONS, CLUSTER_ACTIONS, type Plan, RUNGS } from "../types.ts";

const Text = z.string();
const Texts = z.array(Text).readonly();
const Count = z.int().nonnegative();
const JsonValue = z.custom<Json>((value) => value !== undefined);

// Loose: the plan's hash is over everything that stands in its writes, so everything is kept.
const Name = { apiVersion: Text, kind: Text, namespace: Text.exactOptional(), name: Text };
const Ref = z.looseObject({ cluster: Text, ...Name, uid: Text });
const FieldValue = z.union([z.strictObject({ value: JsonValue }), z.strictObject({ absent: z.literal(true) })]);
const Field = z.looseObject({ pointer: Text, from: FieldValue, to: FieldValue });

const Whole = z.looseObject({ apiVersion: Text, kind: Text, metadata: z.looseObject({ name: Text }) });
const Owned = z.custom<KubeObject>((value) => Whole.safeParse(value).success);

const Write = z.discriminatedUnion("kind", [
  z.looseObject({
    kind: z.literal("fields"),
    target: Ref,
    fields: z.array(Field).readonly(),
    via: z.enum(["patch", "scale"]),
  }),
  z.looseObject({ kind: z.literal("objects"), objects: z.array(Owned).readonly() }),
  z.looseObject({ kind: z.literal("evict"), pods: z.array(z.looseObject({ ...Name, uid: Text })).readonly() }),
  z.looseObject({ kind: z.literal("delete"), target: Ref }),
  z.looseObject({ kind: z.literal("billing"), control: Text, from: JsonValue, to: JsonValue }),
]);

const Scope = z.record(Text, Texts).readonly();

/** Also what is kept of wants from one evaluation to the next. */
export const WantSchema = z.object({
  policy: Text,
  budget: Text.exactOptional(),
  action: z.enum(["throttle", "block"]),
  rung: z.enum(RUNGS),
  scopes: z.array(Scope).readonly(),
  period: z.object({ start: Text, end: Text }),
  reduceByPerHour: DecimalCodec.exactOptional(),
  currency: Text,
  expiresAt: Text,
  atOnce: z.boolean().exactOptional(),
  quietUntil: Text.exactOptional(),
});

const Step = z.object({
  id: Text,
  action: z.enum([...CLUSTER_ACTIONS, ...BILLING_ACTIONS]),
  layer: z.enum(["cluster", "billing"]),
  rung: z.enum(RUNGS),
  policy: Text,
  cluster: Text,
  subject: Text,
  namespace: Text.exactOptional(),
  environment: Text,
  write: Write,
  reverse: Text,
  reversible: z.boolean(),
  savesPerHour: DecimalCodec,
  savesUntilEnd: DecimalCodec,
  pods: Count,
  commands: Texts,
  remarks: Texts,
  expiresAt: Text,
});

const LeftOut = z.object({ subject: Text, policy: Text, reason: Text, hint: Text.exactOptional() });

/** A plan and its JSON, in which money is decimal text. */
export const PlanSchema: z.ZodType<Plan> = z.object({
  hash: Text,
  cluster: Text,
  clusterUid: Text,
  createdAt: Text,
  expiresAt: Text,
  requester: Text,
  wants: z.array(WantSchema).readonly(),
  steps: z.array(Step).readonly(),
  leftOut: z.array(LeftOut).readonly(),
  currency: Text,
  savesPerHour: DecimalCodec,
  savesUntilEnd: DecimalCodec,
  needs: z.object({ mode: z.enum(["dry-run", "approve", "auto"]), approvals: Count }),
  remarks: Texts,
});
