import type { Config } from "./types.ts";

/**
 * Columns that budget scopes, anomaly series and shared costs name beyond the cube's own `dimensions`, sorted: the cube carries
 * them too.
 */
export function scopeColumns(
  config: Pick<Config, "budgets" | "anomalies" | "allocation">,
  dimensions: readonly string[],
): string[] {
  const named = [
    ...config.budgets.flatMap(({ scope }) => Object.keys(scope)),
    ...config.anomalies.by,
    ...config.allocation.shared.flatMap(({ match }) => Object.keys(match)),
  ];
  return [...new Set(named)].filter((name) => !dimensions.includes(name)).sort();
}
