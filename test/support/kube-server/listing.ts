import { badRequest, KubeFailure } from "./failure.ts";
import { groupVersionOf } from "./resources.ts";
import { fieldQuery, labelQuery } from "./selectors.ts";
import type { Store } from "./store.ts";
import type { KubeObject, ResourceKind, Tree } from "./types.ts";

export interface Listing {
  /** One page, as the server sends it. */
  page(kind: ResourceKind, namespace: string | undefined, query: URLSearchParams): Tree;
  /** What was begun before is forgotten: the next `continue` is 410. */
  expire(): void;
}

const REMEMBERED = 32;

/** Lists in pages. All pages of one list show the same moment, as etcd's do. */
export function createListing(store: Store): Listing {
  const begun = new Map<string, { rest: KubeObject[]; version: string }>();
  let lists = 0;

  function resume(token: string): { rest: KubeObject[]; version: string } {
    const found = begun.get(token);
    if (found !== undefined) return found;
    if (!/^\d+\/\d+$/.test(Buffer.from(token, "base64url").toString())) throw badRequest("continue key is not valid");
    const message =
      "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.";
    throw new KubeFailure(410, "Expired", message);
  }

  function remember(rest: KubeObject[], version: string): string {
    const token = Buffer.from(`${version}/${++lists}`).toString("base64url");
    begun.set(token, { rest, version });
    for (const old of begun.keys()) if (begun.size > REMEMBERED) begun.delete(old);
    return token;
  }

  return {
    expire: () => begun.clear(),
    page(kind, namespace, query) {
      const token = query.get("continue");
      const limit = Number(query.get("limit") ?? 0);
      if (!Number.isInteger(limit) || limit < 0) throw badRequest("limit is not a number");
      const { rest, version } =
        token === null || token === ""
          ? { rest: select(store.list(kind, namespace), query), version: store.version() }
          : resume(token);
      const items = limit === 0 ? rest : rest.slice(0, limit);
      const left = rest.slice(items.length);
      const selective = (query.get("labelSelector") ?? "") !== "" || (query.get("fieldSelector") ?? "") !== "";
      const more = left.length === 0 ? {} : { continue: remember(left, version) };
      const remaining = left.length === 0 || selective ? {} : { remainingItemCount: left.length };
      return {
        kind: `${kind.kind}List`,
        apiVersion: groupVersionOf(kind),
        metadata: { resourceVersion: version, ...more, ...remaining },
        items: items.map((item) => (kind.custom ? item : withoutType(item))),
      };
    },
  };
}

function select(objects: KubeObject[], query: URLSearchParams): KubeObject[] {
  const labels = labelQuery(query.get("labelSelector") ?? "");
  const field = query.get("fieldSelector") ?? "";
  const fields = field === "" ? () => true : fieldQuery(field);
  return objects.filter((object) => labels(object.metadata.labels ?? {}) && fields(object));
}

/** Items of a list of built-in kinds do not repeat what they are. */
function withoutType({ apiVersion: _apiVersion, kind: _kind, ...item }: KubeObject): Tree {
  return item;
}
