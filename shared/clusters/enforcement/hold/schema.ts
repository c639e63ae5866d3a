import * as z from "zod";
import { DecimalCodec } from "../../../core/decimal-codec.ts";
import type { Json } from "../../../core/json.ts";
import type { KubeObject } from "../../connections/types.ts";
import { BILLING_ACTIONS, CLUSTER_ACTIONS, type ClusterHolds, RUNGS } from "../types.ts";

const Text = z.string();
const JsonValue = z.custom<Json>((value) => value !== undefined);
const FieldValue = z.union([z.strictObject({ value: JsonValue }), z.strictObject({ absent: z.literal(true) })]);
const Values = z.record(Text, FieldValue).readonly();

const Ref = z.object({
  cluster: Text,
  apiVersion: Text,
  kind: Text,
  namespace: Text.exactOptional(),
  name: Text,
  uid: Text,
});

const Wish = {
  step: Text,
  planHash: Text,
  action: z.enum([...CLUSTER_ACTIONS, ...BILLING_ACTIONS]),
  rung: z.enum(RUNGS),
  policy: Text,
  environment: Text,
  appliedAt: Text,
  expiresAt: Text,
  savesPerHour: DecimalCodec,
};

const Layer = z.object({ ...Wish, fields: Values, leaving: Text.exactOptional() });

const Intent = z.object({
  id: Text,
  direction: z.enum(["apply", "restore"]),
  values: Values,
  resourceVersion: Text,
  at: Text,
});

const Hold = z.object({
  ref: Ref,
  via: z.enum(["patch", "scale"]),
  originals: Values,
  layers: z.array(Layer).readonly(),
  written: Values,
  intent: Intent.exactOptional(),
  state: z.enum(["pending", "active", "contested", "overridden", "failed", "gone"]),
  detail: Text.exactOptional(),
  reverts: z.array(z.object({ at: Text, manager: Text })).readonly(),
  changedAt: Text,
});

const Whole = z.looseObject({ apiVersion: Text, kind: Text, metadata: z.looseObject({ name: Text }) });

const OwnWork = z.object({
  ...Wish,
  subject: Text,
  write: z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("objects"),
      objects: z.array(z.custom<KubeObject>((value) => Whole.safeParse(value).success)).readonly(),
    }),
    z.object({ kind: z.literal("billing"), control: Text, from: JsonValue, to: JsonValue }),
  ]),
  state: z.enum(["pending", "active", "restoring", "failed"]),
  detail: Text.exactOptional(),
});

const ClosedWork = z.object({
  step: Text,
  action: Wish.action,
  policy: Text,
  subject: Text,
  appliedAt: Text,
  closedAt: Text,
  outcome: Text,
  savesPerHour: DecimalCodec,
});

/** Everything held in one cluster, and its JSON. */
export const HoldsSchema: z.ZodType<ClusterHolds> = z.object({
  cluster: Text,
  clusterUid: Text,
  holds: z.record(Text, Hold).readonly(),
  own: z.record(Text, OwnWork).readonly(),
  closed: z.array(ClosedWork).readonly(),
});
