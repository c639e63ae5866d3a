import type { Config } from "../config/types.ts";
import { GenOpsError } from "../core/errors.ts";
import type { HomeLakes } from "../ledger/home-lakes.ts";
import type { Lake } from "../ports/object-store.ts";

/**
 * The lakes that rows stay in (L10) as the configuration names them. `home` is the one at which this process runs: besides it, only
 * `readable` ones are within reach, and of the primary's rows only the shares that split a cluster's bill wherever costs are read.
 */
export function openHomeLakes(
  { lakes, sources }: Pick<Config, "lakes" | "sources">,
  home: string | undefined,
  open: (location: string) => Promise<Lake>,
): HomeLakes {
  if (home !== undefined && lakes[home] === undefined) {
    throw new GenOpsError(
      "config",
      `this process is said to run at the lake "${home}", which is not in lakes: ${Object.keys(lakes).join(", ") || "there are none"}`,
      { place: { field: "lakes" } },
    );
  }
  const homes = new Map(sources.flatMap(({ id, lake }) => (lake === undefined ? [] : [[id, lake] as const])));
  const shares = new Set(sources.filter(({ type }) => type === "opencost").map(({ id }) => id));
  return {
    names: Object.keys(lakes),
    homeOf: (source) => homes.get(source),
    open: (name) => open(lakes[name]?.location ?? ""),
    isPrimaryWithinReach: (source) => home === undefined || shares.has(source),
    isWithinReach: (name) => name === home || lakes[name]?.rows === "readable",
  };
}
