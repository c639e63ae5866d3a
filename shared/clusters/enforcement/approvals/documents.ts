import * as z from "zod";
import { GenOpsError } from "../../../core/errors.ts";
import { PlanSchema } from "./plan-schema.ts";
import { type Approvals, DECISIONS, type Exemption, PLAN_STATES, type PlanRecord } from "./types.ts";

export const PLANS = "enforcement/plans/";
export const EXEMPTIONS_KEY = "enforcement/exemptions.json";

const Text = z.string();

export const PlanRecordSchema: z.ZodType<PlanRecord> = z.object({
  plan: PlanSchema,
  state: z.enum(PLAN_STATES),
  proposedAt: Text,
  requesters: z.array(Text).readonly(),
  updatedAt: Text,
  revision: z.int().positive(),
  detail: Text.exactOptional(),
  until: Text.exactOptional(),
  decided: z.int().nonnegative(),
  progress: z.object({ done: z.int().nonnegative(), of: z.int().nonnegative() }).exactOptional(),
  changes: z
    .array(z.object({ revision: z.int().positive(), at: Text, state: z.enum(PLAN_STATES), text: Text }))
    .readonly(),
});

const Names = z.array(Text).min(1).readonly();
const Decided = { id: Text, kind: z.enum(DECISIONS), names: Names, at: Text };

export const ApprovalsSchema: z.ZodType<Approvals> = z.object({
  planHash: Text,
  proposedAt: Text,
  decisions: z.array(z.object({ ...Decided, until: Text, reason: Text.exactOptional() })).readonly(),
  refusals: z.array(z.object({ ...Decided, why: Text })).readonly(),
  begunAt: Text.exactOptional(),
});

export const ExemptionsSchema: z.ZodType<{ exemptions: readonly Exemption[] }> = z.object({
  exemptions: z
    .array(
      z.object({
        cluster: Text,
        namespace: Text,
        workload: z.object({ kind: Text, name: Text }).exactOptional(),
        until: Text,
        by: Text,
        at: Text,
        reason: Text.exactOptional(),
      }),
    )
    .readonly(),
});

export function planKey(hash: string): string {
  return `${PLANS}${checkHash(hash)}.json`;
}

export function approvalsKey(hash: string): string {
  return `enforcement/approvals/${checkHash(hash)}.json`;
}

/** A hash reaches us from the network, and becomes a part of a key. */
export function isPlanHash(text: string): boolean {
  return /^[0-9a-f]{16,64}$/.test(text);
}

function checkHash(hash: string): string {
  if (isPlanHash(hash)) return hash;
  throw new GenOpsError("usage", "a plan's hash has 16 to 64 hexadecimal digits");
}
