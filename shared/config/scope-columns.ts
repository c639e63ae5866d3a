import type { Config } from "./types.ts";

/**
 * Columns that budget scopes, anomaly series, shared costs and clusters name beyond the cube's own `dimensions`, sorted: the cube carries
 * them too.
 */
export function scopeColumns(
  config: Pick<Config, "budgets" | "anomalies" | "allocation" | "sources">,
  dimensions: readonly string[],
): string[] {
  const named = [
    ...config.budgets.flatMap(({ scope }) => Object.keys(scope)),
    ...config.anomalies.by,
    ...config.anomalies.rulesBy,
    ...config.allocation.shared.flatMap(({ match }) => Object.keys(match)),
    ...config.sources.flatMap((source) => (source.type === "opencost" ? Object.keys(source.match) : [])),
  ];
  return [...new Set(named)].filter((name) => !dimensions.includes(name)).sort();
}
