import type { ApprovalDeps } from "../clusters/enforcement/approvals/deps.ts";
import type { Runtime } from "./runtime.ts";

/** What approving needs of a runtime. */
export function approvalDeps({ lake, clock, config }: Pick<Runtime, "lake" | "clock" | "config">): ApprovalDeps {
  return { store: lake, clock, enforcement: config.enforcement };
}
