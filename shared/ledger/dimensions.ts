import { PROVIDER_PATTERNS } from "../core/provider.ts";
import { type SqlEngine, sqlText } from "../ports/sql-engine.ts";

/** SQL over FOCUS rows for what cube and reports call by another name than FOCUS does. */

const SLUG_SQL = "lower(regexp_replace(regexp_replace(HostProviderName, '[^A-Za-z0-9]+', '-', 'g'), '^-|-$', '', 'g'))";

/** `provider`: the slug of HostProviderName; the same rule as `shared/core/provider.ts`. */
export const PROVIDER_SQL = `CASE
  ${PROVIDER_PATTERNS.map(([slug, pattern]) => `WHEN regexp_matches(${SLUG_SQL}, ${sqlText(pattern)}) THEN ${sqlText(slug)}`).join("\n  ")}
  ELSE coalesce(nullif(${SLUG_SQL}, ''), 'unknown') END`;

/** `account`: the bare id, so that `/subscriptions/GUID` and `GUID` are one account (`reference/focus.md` §8). */
export const ACCOUNT_SQL = `CASE
  WHEN contains(coalesce(SubAccountId, BillingAccountId), '/') THEN regexp_extract(coalesce(SubAccountId, BillingAccountId), '([^/]+)/*$', 1)
  ELSE coalesce(SubAccountId, BillingAccountId) END`;

/** Names of cube and report dimensions over FOCUS rows, beside the snake_case FOCUS columns. */
export const DIMENSION_SQL: Readonly<Record<string, string>> = {
  date: "ChargePeriodStart::DATE",
  month: "strftime(ChargePeriodStart, '%Y-%m')",
  billing_period: "strftime(BillingPeriodStart, '%Y-%m')",
  provider: PROVIDER_SQL,
  account: "account",
  service: "ServiceName",
  region: "RegionId",
  currency: "BillingCurrency",
  metered: "coalesce(x_CostSource = 'metered', false)",
};

/** Column names and engine types of a relation. */
export async function columnsOf(engine: SqlEngine, relation: string): Promise<{ name: string; type: string }[]> {
  const rows = await engine.query(`DESCRIBE SELECT * FROM ${relation}`);
  return rows.map((row) => ({ name: String(row["column_name"]), type: String(row["column_type"]) }));
}
