import { collectionPath } from "./addresses.ts";
import type { Ask } from "./connection.ts";
import { isKubeObject, isTree, noKubernetes, readTree, type Tree } from "./objects.ts";
import type { KubeObject, ListOptions, Resource } from "./types.ts";

const PAGE = "500";
/** After so many restarts everything is asked for at once: the server changes faster than pages can be read. */
const MOST_RESTARTS = 3;

/** Every object of a kind, page by page. When the server has forgotten where we were (410), it begins again. */
export async function listAll(
  ask: Ask,
  cluster: string,
  resource: Resource,
  options: ListOptions = {},
): Promise<KubeObject[]> {
  for (let restarts = 0; ; restarts++) {
    const found = await readPages(ask, cluster, resource, options, restarts < MOST_RESTARTS ? PAGE : undefined);
    if (found !== "expired") return found;
  }
}

async function readPages(
  ask: Ask,
  cluster: string,
  resource: Resource,
  options: ListOptions,
  limit: string | undefined,
): Promise<KubeObject[] | "expired"> {
  const { namespace } = options;
  const path = collectionPath(resource, namespace);
  const what = `list ${resource.plural}${namespace === undefined ? "" : ` in ${namespace}`}`;
  const accept = ({ status }: { status: number }) => status === 410;
  const found: KubeObject[] = [];
  let position: string | undefined;
  do {
    const answer = await ask({ method: "GET", path, query: queryOf(options, limit, position), what, accept });
    if (answer.status === 410) return "expired";
    const page = readTree(answer, cluster, what);
    for (const item of itemsOf(page)) {
      // The server leaves these two out of a list's items.
      const object: unknown = { apiVersion: resource.apiVersion, kind: resource.kind, ...item };
      if (!isKubeObject(object)) throw noKubernetes(cluster, what);
      found.push(object);
    }
    position = continueOf(page);
  } while (position !== undefined);
  return found;
}

function queryOf({ labelSelector, fieldSelector }: ListOptions, limit?: string, position?: string) {
  const given = { limit, continue: position, labelSelector, fieldSelector };
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) if (value !== undefined) query[name] = value;
  return query;
}

function itemsOf({ items }: Tree): readonly Tree[] {
  return Array.isArray(items) ? items.filter(isTree) : [];
}

function continueOf({ metadata }: Tree): string | undefined {
  const position = isTree(metadata) ? metadata["continue"] : undefined;
  return typeof position === "string" && position !== "" ? position : undefined;
}
