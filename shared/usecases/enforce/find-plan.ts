import { listPlans } from "../../clusters/enforcement/approvals/plan-records.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { Runtime } from "../runtime.ts";

/** As many digits as a plan is shown with, or all of them. */
const HASH = /^[0-9a-f]{8,64}$/;

/** The whole hash of the one plan whose hash begins so. Throws `usage` when it is no hash, or none or several plans begin so. */
export async function planHashOf({ lake }: Pick<Runtime, "lake">, text: string): Promise<string> {
  const start = text.trim().toLowerCase();
  if (!HASH.test(start))
    throw new GenOpsError("usage", `${JSON.stringify(text)} is no plan: give 8 to 64 hexadecimal digits of its hash`);
  const found = (await listPlans(lake)).filter(({ plan }) => plan.hash.startsWith(start));
  const [one] = found;
  if (one === undefined) throw new GenOpsError("usage", `there is no plan ${start}; see genops enforce status`);
  if (found.length > 1) throw new GenOpsError("usage", `${found.length} plans begin with ${start}: give more digits`);
  return one.plan.hash;
}
