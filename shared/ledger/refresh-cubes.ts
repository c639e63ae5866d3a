import { type CubeShape, cubeFolder, cubeKey, ensureCube } from "./build-cube.ts";
import { currentVersion, listHeads } from "./head.ts";
import type { OpenCostsDeps } from "./open-costs.ts";
import type { CommittedVersion } from "./versions.ts";

export interface RefreshDeps extends OpenCostsDeps {
  /** False ends the work before the next cube; a later call goes on. */
  hasTime(): boolean;
}

/**
 * Builds the cubes that are missing under the present configuration of these sources, current versions first, then those that `asOf` still
 * reads. Run where their rows are (L10): a reader elsewhere cannot build them. Gives back how many were built.
 */
export async function refreshCubes(
  deps: RefreshDeps,
  shape: CubeShape,
  isHome: (source: string) => boolean,
): Promise<number> {
  const built = new Set<string>();
  for await (const { key } of deps.lake.list(`${cubeFolder(shape)}/`)) built.add(key);
  const missing = (await readableVersions(deps, isHome)).filter((version) => !built.has(cubeKey(shape, version)));
  let count = 0;
  for (const version of missing) {
    if (!deps.hasTime()) break;
    await ensureCube(deps, shape, version);
    count++;
  }
  return count;
}

/** Groups of rows that stay in place are in the primary lake, so that everybody can build their cubes. */
async function readableVersions(
  { lake }: OpenCostsDeps,
  isHome: (source: string) => boolean,
): Promise<CommittedVersion[]> {
  const heads = (await listHeads(lake)).filter(({ source }) => isHome(source));
  const versions = [...heads.map(currentVersion), ...heads.flatMap((head) => head.versions.slice(0, -1))];
  return versions.filter(({ rows, inPlace }) => rows > 0 && inPlace === undefined);
}
