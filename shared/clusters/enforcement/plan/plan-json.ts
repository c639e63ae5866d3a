import * as z from "zod";
import { PlanSchema } from "../approvals/plan-schema.ts";
import type { Plan } from "../types.ts";

/** The plan as a value for `JSON.stringify`; money is decimal text. */
export function encodePlan(plan: Plan): unknown {
  return z.encode(PlanSchema, plan);
}

/** The plan of such a value. Throws a zod error that names the field where it is none. */
export function decodePlan(value: unknown): Plan {
  return z.decode(PlanSchema, value);
}
