import type { DecisionOutcome } from "../../clusters/enforcement/approvals/decide.ts";
import type { DecisionKind, PlanRecord } from "../../clusters/enforcement/approvals/types.ts";
import type { CostBasis } from "../../config/types.ts";
import type { FeedbackKind } from "../../governance/anomalies/feedback/types.ts";
import type { HomeModel } from "../console/model.ts";
import type { Hooks } from "../hooks/types.ts";
import type { SignedIn, SignInAnswer } from "../sign-in/sign-in.ts";
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
} & (
  | { action: "ack" }
  | { action: "snooze"; until: string }
  | { action: "resolve"; resolution: string }
  /** What an anomaly was; `to` is the last planned day. */
  | { action: "feedback"; kind: FeedbackKind; from?: string; to?: string; note?: string }
);

/** What a person says about a plan. */
export interface PlanWish {
  kind: DecisionKind;
  /** `snooze`, `exempt`: RFC 3339. */
  until?: string;
  reason?: string;
  /** `exempt`: what the plan's step is about, or its namespace. */
  exempt?: { step: number; what: "workload" | "namespace" };
}

/** Plans of enforcement, and the people who decide about them. */
export interface PlanApi {
  list(): Promise<readonly PlanRecord[]>;
  /** Undefined: there is none. */
  read(hash: string): Promise<PlanRecord | undefined>;
  /** By the bearer token alone; what the platform says about the caller does not count. */
  signIn(headers: Headers): Promise<SignInAnswer>;
  decide(hash: string, person: SignedIn, wish: PlanWish): Promise<DecisionOutcome>;
}

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
  plans: PlanApi;
}
