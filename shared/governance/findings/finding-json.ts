import { formatDecimal } from "../../core/decimal.ts";
import type { Finding } from "../../core/finding.ts";

/** One entry of `genops findings --format json`; money is decimal text. */
export function findingJson(finding: Finding) {
  const { evidence } = finding;
  return {
    key: finding.key,
    kind: finding.kind,
    level: finding.level,
    state: finding.state,
    scope: copyScope(finding.scope),
    title: finding.title,
    amount: formatDecimal(finding.amount),
    currency: finding.currency,
    openedAt: finding.openedAt,
    updatedAt: finding.updatedAt,
    revision: finding.revision,
    ...(finding.snoozedUntil === undefined ? {} : { snoozedUntil: finding.snoozedUntil }),
    ...(finding.resolution === undefined ? {} : { resolution: finding.resolution }),
    ...(finding.related === undefined ? {} : { related: { ...finding.related } }),
    wantedActions: finding.wantedActions.map(({ action, targets }) => ({ action, targets: targets.map(copyScope) })),
    evidence: {
      rows: evidence.rows,
      contributors: evidence.contributors.map(({ keys, amount }) => ({
        keys: { ...keys },
        amount: formatDecimal(amount),
      })),
      settledShare: evidence.settledShare,
      waitsFor: evidence.waitsFor,
      facts: { ...evidence.facts },
    },
  };
}

function copyScope(scope: Finding["scope"]): Record<string, string[]> {
  return Object.fromEntries(Object.entries(scope).map(([name, values]) => [name, [...values]]));
}
