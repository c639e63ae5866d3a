import { refreshCubes } from "../ledger/refresh-cubes.ts";
import type { Runtime } from "./runtime.ts";

/** What building one cube and ending in order may take. */
const CUBE_MS = 60_000;

/**
 * Builds the cubes that readers elsewhere miss since the configuration has changed, of the sources whose rows are in the lake at which this
 * process runs (L10). Does nothing where there is one lake. Gives back how many were built; what there was no time for is left to the next run.
 */
export async function refreshHomeCubes(
  runtime: Pick<Runtime, "config" | "costsQuery" | "deadline" | "isHome" | "withCosts">,
): Promise<number> {
  const { config, deadline, isHome } = runtime;
  const own = new Set(config.sources.filter(({ id, type }) => type !== "opencost" && isHome(id)).map(({ id }) => id));
  if (own.size === 0 || Object.keys(config.lakes).length === 0) return 0;
  const hasTime = () => deadline.remainingMs() > CUBE_MS;
  return runtime.withCosts((deps) =>
    refreshCubes({ ...deps, hasTime }, runtime.costsQuery(), (source) => own.has(source)),
  );
}
