import type { CostBasis } from "../../config/types.ts";
import type { HomeModel } from "../console/model.ts";
import type { Hooks } from "../hooks/types.ts";
import type { BudgetsDocument, FindingItem, FindingsDocument, ReportDocument } from "./documents.ts";

/** What `GET /api/v1/costs` asks; the same words as `genops report`. */
export interface CostQuery {
  by: readonly string[];
  /** `2024-09`, `mtd`, `last-7-days`, …; absent: the month so far. */
  period?: string;
  cost: CostBasis;
  /** Knowledge time, RFC 3339. */
  asOf?: string;
}

/** A person's decision about a finding. */
export type FindingChange = {
  /** Who, in their own words. */
  actor: string;
  /** Applied only to this revision; if the finding has moved on, `changeFinding` throws `conflict`. */
  revision: number;
} & ({ action: "ack" } | { action: "snooze"; until: string } | { action: "resolve"; resolution: string });

/** The use cases behind the API, as plain functions. Each may throw a GenOpsError. */
export interface ApiDeps {
  report(query: CostQuery): Promise<ReportDocument>;
  budgets(): Promise<BudgetsDocument>;
  findings(): Promise<FindingsDocument>;
  /** The finding after the change. */
  changeFinding(key: string, change: FindingChange): Promise<FindingItem>;
  homeModel(): Promise<HomeModel>;
  /** Webhooks of the clouds. */
  hooks: Hooks;
}
