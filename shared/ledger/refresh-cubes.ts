import { type CubeShape, ensureCube } from "./build-cube.ts";
import { listHeads } from "./head.ts";
import type { OpenCostsDeps } from "./open-costs.ts";

/**
 * Builds the cubes that are missing under the present configuration, for every version that is still readable of these sources. Run where
 * their rows are (L10): a reader elsewhere cannot build them. Gives back how many versions were looked at.
 */
export async function refreshCubes(
  deps: OpenCostsDeps,
  shape: CubeShape,
  isHere: (source: string) => boolean,
): Promise<number> {
  let versions = 0;
  for (const head of await listHeads(deps.lake)) {
    if (!isHere(head.source)) continue;
    for (const version of head.versions.filter(({ rows }) => rows > 0)) {
      await ensureCube(deps, shape, version);
      versions++;
    }
  }
  return versions;
}
