import type { Plan } from "../types.ts";

/**
 * Where a plan is in its life.
 * - `waiting`: for people. - `approved`: may begin. - `rejected`: somebody said no, or exempted a part of it. - `snoozed`: asked again later.
 * - `expired`: nobody may begin it any more. - `applying` … `failed`: as its transaction says.
 */
export const PLAN_STATES = [
  "waiting",
  "approved",
  "rejected",
  "snoozed",
  "expired",
  "applying",
  "applied",
  "restored",
  "contested",
  "failed",
] as const;
export type PlanState = (typeof PLAN_STATES)[number];

/** One change of a plan's life, for the people who follow it. */
export interface PlanChange {
  /** The record's revision that brought it. */
  revision: number;
  at: string;
  state: PlanState;
  /** In words: `approved by alice@example.com (1 of 2)`. */
  text: string;
}

/**
 * `enforcement/plans/<hash>.json`: a plan and its life. Written by compare-and-swap only. What people were told of it, and in which message,
 * is in the outbox (`outbox/receipts/`), which sends it.
 */
export interface PlanRecord {
  plan: Plan;
  state: PlanState;
  /** When it was last put before people: what they said before it does not count. */
  proposedAt: string;
  /** Everybody who asked for it; none of them may approve it. */
  requesters: readonly string[];
  updatedAt: string;
  /** Counts changes from 1 on. */
  revision: number;
  /** Why it is as it is, in words. */
  detail?: string;
  /** `snoozed`: asked again then. `rejected`: holds until then. */
  until?: string;
  /** How many of the decisions in `enforcement/approvals/` it reflects. */
  decided: number;
  /** Steps that are done, of how many. */
  progress?: { done: number; of: number };
  /** The newest last, at most 50. */
  changes: readonly PlanChange[];
}

export const DECISIONS = ["approve", "reject", "snooze", "exempt"] as const;
export type DecisionKind = (typeof DECISIONS)[number];

/** What a person decided, before it is known whether it counts. */
export interface Decision {
  /** Unique; the same decision again (an event that is delivered twice) is known by it. */
  id: string;
  kind: DecisionKind;
  /**
   * What was proven about the person: `oidc:<sub>`, `oidc:<verified e-mail>`, `slack:<user id>`. The first one is what others are told.
   */
  names: readonly string[];
  at: string;
  /** `approve`: does not count from then on. `snooze`: asked again then. `reject`, `exempt`: holds until then. */
  until: string;
  reason?: string;
}

/** A decision that does not count, and why. */
export interface Refusal {
  id: string;
  kind: DecisionKind;
  names: readonly string[];
  at: string;
  why: string;
}

/** `enforcement/approvals/<hash>.json`: who said what about a plan. Here deciding and beginning meet, by compare-and-swap. */
export interface Approvals {
  planHash: string;
  /** As the plan's record says it; another value there voids everything here. */
  proposedAt: string;
  /** Those that counted when they were made. */
  decisions: readonly Decision[];
  /** The newest last, at most 50. */
  refusals: readonly Refusal[];
  /** Set once, by whoever begins to carry the plan out. No decision counts after it. */
  begunAt?: string;
}

/** Leaves a workload, or a whole namespace, in peace until then. */
export interface Exemption {
  cluster: string;
  namespace: string;
  /** Absent: the whole namespace. */
  workload?: { kind: string; name: string };
  until: string;
  /** Who, in words. */
  by: string;
  at: string;
  reason?: string;
}
