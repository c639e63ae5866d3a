import { GenOpsError } from "../core/errors.ts";
import { addDays, dayOf, parsePeriod } from "../core/period.ts";
import { findingJson } from "../governance/findings/finding-json.ts";
import { listFindings } from "../governance/findings/finding-store.ts";
import { acknowledgeFinding, resolveFinding, snoozeFinding } from "../governance/findings/handle-finding.ts";
import type { ApiDeps, CostQuery, FindingChange } from "../interfaces/api/deps.ts";
import { reportDocument } from "../interfaces/api/documents.ts";
import type { HomeModel } from "../interfaces/console/model.ts";
import { createHookKeys, createHooks } from "../interfaces/hooks/hooks.ts";
import { type Report, reportCosts } from "../ledger/report.ts";
import type { SettledAfterDays } from "../ledger/settledness.ts";
import { sayAboutAnomaly } from "./anomaly-feedback.ts";
import { planApi } from "./approvals.ts";
import { budgetsDocument } from "./evaluate-and-tell.ts";
import { type HookOptions, hookDeps } from "./hook-deps.ts";
import { knownLags } from "./known-lags.ts";
import type { Runtime } from "./runtime.ts";
import { tellFindings } from "./tell-findings.ts";

/** Days that the first page's chart spans. */
const PAGE_DAYS = 120;

/** Public keys of the clouds, fetched once per process. */
const HOOK_KEYS = createHookKeys();

/** The use cases behind page and API on every runtime. */
export function createApiDeps(runtime: Runtime, notice?: string, hookOptions: HookOptions = {}): ApiDeps {
  return {
    report: async (query) => reportDocument(await costs(runtime, query)),
    budgets: () => budgetsDocument(runtime),
    findings: async () => ({ findings: (await listFindings({ store: runtime.lake })).map(findingJson) }),
    changeFinding: (key, change) => changeFinding(runtime, key, change),
    homeModel: () => homeModel(runtime, notice),
    hooks: createHooks(hookDeps(runtime, hookOptions), HOOK_KEYS),
    plans: planApi(runtime, hookOptions.fetch),
  };
}

async function costs(runtime: Runtime, query: CostQuery & { days?: { start: string; end: string } }): Promise<Report> {
  const now = runtime.clock.evaluationNow();
  const asOf = query.asOf === undefined ? runtime.asOf : new Date(query.asOf);
  const period =
    query.days === undefined ? parsePeriod(query.period ?? "mtd", now) : { ...query.days, basis: "charge" as const };
  const known = await knownLags(runtime, asOf);
  return runtime.withCosts((deps) =>
    reportCosts(deps, { ...runtime.costsQuery(), ...known, asOf, by: query.by, period, cost: query.cost, now }),
  );
}

async function changeFinding(
  runtime: Runtime,
  key: string,
  change: FindingChange,
): Promise<ReturnType<typeof findingJson>> {
  const deps = { store: runtime.lake, clock: runtime.clock, events: runtime.events };
  const { actor, revision } = change;
  if (change.action === "feedback") {
    const { kind, from, to, note } = change;
    const { finding } = await sayAboutAnomaly(runtime, { key, kind, actor, revision, from, to, note });
    return findingJson(finding);
  }
  const changed = await (change.action === "ack"
    ? acknowledgeFinding(deps, { key, actor, revision })
    : change.action === "snooze"
      ? snoozeFinding(deps, { key, actor, revision, until: change.until })
      : resolveFinding(deps, { key, actor, revision, resolution: change.resolution }));
  await tellFindings(runtime, [changed]);
  return findingJson(changed);
}

async function homeModel(runtime: Runtime, notice: string | undefined): Promise<HomeModel> {
  const now = runtime.clock.evaluationNow();
  const today = dayOf(now);
  const days = { start: addDays(today, 1 - PAGE_DAYS), end: addDays(today, 1) };
  const report = await costs(runtime, { by: ["date", "provider"], cost: "billed", days });
  const [budgets, findings, { settledAfterDays }] = await Promise.all([
    budgetsDocument(runtime),
    listFindings({ store: runtime.lake }),
    knownLags(runtime),
  ]);
  return {
    ...(notice === undefined ? {} : { notice }),
    generatedAt: now.toISOString(),
    asOf: report.asOf,
    period: days,
    cost: "billed",
    costs: report.rows.map(({ keys, currency, amount, settled }) => ({
      date: dateOf(keys["date"]),
      provider: keys["provider"] ?? "unknown",
      currency,
      amount,
      settled: settled === amount,
    })),
    settledUntil: settledUntil(settledAfterDays, report, today),
    budgets: budgets.budgets,
    findings: findings.filter(({ state }) => state !== "resolved").map(findingJson),
  };
}

function dateOf(date: string | null | undefined): string {
  if (date == null) throw new GenOpsError("internal", "a cost without a date");
  return date;
}

/** First day that is not settled, per provider that has costs. */
function settledUntil(settledAfterDays: SettledAfterDays, report: Report, today: string): Record<string, string> {
  const providers = new Set(report.rows.map(({ keys }) => keys["provider"] ?? "unknown"));
  return Object.fromEntries(
    [...providers].map((provider) => [
      provider,
      addDays(today, -(settledAfterDays[provider] ?? settledAfterDays["default"] ?? 0)),
    ]),
  );
}
