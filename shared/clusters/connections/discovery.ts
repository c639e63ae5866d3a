import * as z from "zod";
import { groupPath } from "./addresses.ts";
import type { Ask } from "./connection.ts";
import { refusedHere } from "./errors.ts";
import { noKubernetes, readTree } from "./objects.ts";
import type { Resource } from "./types.ts";

const ResourceList = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});
const Version = z.object({ gitVersion: z.string() });

export interface Discovery {
  find(apiVersion: string, kind: string): Promise<Resource | undefined>;
  /** Throws `refused` where `find` gives undefined. */
  need(apiVersion: string, kind: string): Promise<Resource>;
  version(): Promise<string>;
}

/** Asks each group and version once. What is missing is asked for again: a definition may be installed while we run. */
export function createDiscovery(ask: Ask, cluster: string): Discovery {
  const known = new Map<string, Promise<readonly Resource[]>>();

  function resourcesOf(apiVersion: string): Promise<readonly Resource[]> {
    const kept = known.get(apiVersion) ?? fetchResources(ask, cluster, apiVersion);
    known.set(apiVersion, kept);
    kept.catch(() => known.delete(apiVersion));
    return kept;
  }

  async function find(apiVersion: string, kind: string): Promise<Resource | undefined> {
    const found = (await resourcesOf(apiVersion)).find((each) => each.kind === kind);
    if (found === undefined) known.delete(apiVersion);
    return found;
  }

  return {
    find,
    async need(apiVersion, kind) {
      const found = await find(apiVersion, kind);
      if (found === undefined) throw refusedHere(cluster, `the cluster does not serve ${kind} of ${apiVersion}`);
      return found;
    },
    async version() {
      const what = "read the version";
      const parsed = Version.safeParse(readTree(await ask({ method: "GET", path: "/version", what }), cluster, what));
      if (!parsed.success) throw noKubernetes(cluster, what);
      return parsed.data.gitVersion;
    },
  };
}

async function fetchResources(ask: Ask, cluster: string, apiVersion: string): Promise<readonly Resource[]> {
  const what = `discover ${apiVersion}`;
  const accept = ({ status }: { status: number }) => status === 404;
  const answer = await ask({ method: "GET", path: groupPath(apiVersion), what, accept });
  if (answer.status === 404) return [];
  const parsed = ResourceList.safeParse(readTree(answer, cluster, what));
  if (!parsed.success) throw noKubernetes(cluster, what);
  return parsed.data.resources
    .filter(({ name }) => !name.includes("/"))
    .map(({ name, kind, namespaced }) => ({ apiVersion, kind, plural: name, namespaced }));
}
