import type { Access, AccessQuestion } from "./access.ts";
import type { Api } from "./api.ts";
import { bodyObject, deleteOptions, deletion, mediaType, optionsOf, patcher } from "./bodies.ts";
import { createDiscovery, VERSION } from "./discovery.ts";
import { evict } from "./eviction.ts";
import { badRequest, KubeFailure } from "./failure.ts";
import { createListing, type Listing } from "./listing.ts";
import {
  documentOf,
  jsonOf,
  type KubeRequest,
  objectOf,
  segmentsOf,
  type Target,
  targetOf,
  verbOf,
} from "./request.ts";
import type { Kinds } from "./resources.ts";
import { review } from "./reviews.ts";
import { scaleOf, writeScale } from "./scale.ts";
import type { Store } from "./store.ts";
import { listOf, treeOf } from "./tree.ts";
import type { Caller, KubeObject, ResourceKind, Tree, WriteOptions } from "./types.ts";

export interface Answer {
  status: number;
  /** Text for the probes. */
  body: Tree | string;
  warnings?: readonly string[];
}

export interface Handler {
  answer(request: KubeRequest, caller: Caller): Answer;
  listing: Listing;
}

export interface HandlerParts {
  store: Store;
  kinds: Kinds;
  api: Api;
  access: Access;
}

type Resourceful = Target & { kind: ResourceKind };

/** Requests to answers. Failures are thrown as `KubeFailure`. */
export function createHandler({ store, kinds, api, access }: HandlerParts): Handler {
  const discovery = createDiscovery(kinds);
  const listing = createListing(store);

  function answer(request: KubeRequest, caller: Caller): Answer {
    const target = targetOf(request.path, kinds);
    if (target === undefined) return plain(request, caller);
    const { kind, resource, group } = target;
    if (kind === undefined && group.startsWith("auth") && request.method === "POST") {
      authorize(caller, question("create", target));
      const told = review(resource, jsonOf(request.body), caller, access);
      if (told !== undefined) return { status: 201, body: told };
    }
    if (kind === undefined) throw pathNotFound();
    authorize(caller, question(verbOf(request.method, target, request.query), target));
    return resourceful(request, { ...target, kind }, caller);
  }

  function plain({ path, method }: KubeRequest, caller: Caller): Answer {
    if (["/readyz", "/livez", "/healthz"].includes(path)) return { status: 200, body: "ok" };
    if (path === "/version") return { status: 200, body: VERSION };
    if (caller.groups.includes("system:unauthenticated")) {
      throw new KubeFailure(403, "Forbidden", `forbidden: User "${caller.user}" cannot get path "${path}"`);
    }
    const found = method === "GET" ? discovery.at(segmentsOf(path)) : undefined;
    if (found === undefined) throw pathNotFound();
    return { status: 200, body: found };
  }

  function authorize(caller: Caller, asked: AccessQuestion): void {
    if (access.may(caller, asked)) return;
    const { verb, group, resource, subresource, namespace, name } = asked;
    const full = subresource === "" ? resource : `${resource}/${subresource}`;
    const named = `${group === "" ? resource : `${resource}.${group}`}${name === "" ? "" : ` "${name}"`}`;
    const where = namespace === "" ? "at the cluster scope" : `in the namespace "${namespace}"`;
    const why = `User "${caller.user}" cannot ${verb} resource "${full}" in API group "${group}" ${where}`;
    throw new KubeFailure(403, "Forbidden", `${named} is forbidden: ${why}`, {
      details: { name, group, kind: resource },
    });
  }

  function resourceful(request: KubeRequest, target: Resourceful, caller: Caller): Answer {
    const options = optionsOf(request, caller);
    const done = write(request, target, options);
    return { ...done, ...(options.warnings.length === 0 ? {} : { warnings: options.warnings }) };
  }

  function write(request: KubeRequest, target: Resourceful, options: WriteOptions): Answer {
    const { kind, namespace, name, subresource } = target;
    if (subresource === "scale" && kind.scale) return scale(request, target, options);
    if (subresource === "eviction" && kind.kind === "Pod") return eviction(request, target, options);
    if (subresource !== "" && !(subresource === "status" && kind.status)) throw pathNotFound();
    const how: WriteOptions = subresource === "status" ? { ...options, subresource: "status" } : options;
    switch (`${request.method}${name === "" ? "" : " name"}`) {
      case "GET":
        if (request.query.get("watch") === "true") throw new KubeFailure(405, "MethodNotAllowed", "no watch here");
        return { status: 200, body: listing.page(kind, namespace === "" ? undefined : namespace, request.query) };
      case "POST":
        return { status: 201, body: api.create(kind, namespace, bodyObject(request), how) };
      case "GET name":
        return { status: 200, body: api.get(kind, namespace, name) };
      case "PUT name":
        return { status: 200, body: put(request, target, how) };
      case "PATCH name":
        return patch(request, target, how);
      case "DELETE name":
        return remove(request, target, how);
      default:
        throw new KubeFailure(
          405,
          "MethodNotAllowed",
          "the server does not allow this method on the requested resource",
        );
    }
  }

  function put(request: KubeRequest, { kind, namespace, name }: Resourceful, options: WriteOptions): KubeObject {
    const wished = bodyObject(request);
    const { resourceVersion } = wished.metadata;
    api.get(kind, namespace, name);
    if (kind.custom && (resourceVersion ?? "") === "") {
      const message = "metadata.resourceVersion: Invalid value: 0: must be specified for an update";
      throw new KubeFailure(422, "Invalid", `${kind.resource}.${kind.group} "${name}" is invalid: ${message}`);
    }
    return api.update(kind, namespace, name, () => wished, options);
  }

  function patch(request: KubeRequest, target: Resourceful, options: WriteOptions): Answer {
    const { kind, namespace, name } = target;
    const type = mediaType(request);
    if (type !== "application/apply-patch+yaml") {
      const change = patcher(type, request.body);
      return { status: 200, body: api.update(kind, namespace, name, change, { ...options, patch: true }) };
    }
    if (!request.query.has("fieldManager")) {
      const message =
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch';
      throw new KubeFailure(422, "Invalid", message);
    }
    const config = objectOf(documentOf(request.body));
    if (listOf(config.metadata.managedFields).length > 0) throw badRequest("metadata.managedFields must be nil");
    const exists = store.get(kind, namespace, name) !== undefined;
    if (!exists) authorize(options.caller, question("create", { ...target, name: "" }));
    const force = request.query.get("force") === "true";
    const named = { ...config, metadata: { ...config.metadata, name: config.metadata.name ?? name } };
    const { object, created } = api.apply(kind, namespace, name, named, { ...options, force });
    return { status: created ? 201 : 200, body: object };
  }

  function remove(request: KubeRequest, { kind, namespace, name }: Resourceful, options: WriteOptions): Answer {
    const { dryRun, ...how } = deletion(request);
    const asked = { ...options, dryRun };
    const removed = api.remove(kind, namespace, name, how, asked);
    const { uid, deletionTimestamp } = removed.metadata;
    if (deletionTimestamp !== undefined || kind.kind === "Pod") return { status: 200, body: removed };
    const details = { name, ...(kind.group === "" ? {} : { group: kind.group }), kind: kind.resource, uid };
    return { status: 200, body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details } };
  }

  function scale(request: KubeRequest, { kind, namespace, name }: Resourceful, options: WriteOptions): Answer {
    switch (request.method) {
      case "GET":
        return { status: 200, body: scaleOf(api.get(kind, namespace, name)) };
      case "PUT": {
        const wished = bodyObject(request);
        return { status: 200, body: writeScale(api, kind, { namespace, name }, () => wished, options) };
      }
      case "PATCH": {
        const change = patcher(mediaType(request), request.body);
        return { status: 200, body: writeScale(api, kind, { namespace, name }, change, options) };
      }
      default:
        throw new KubeFailure(
          405,
          "MethodNotAllowed",
          "the server does not allow this method on the requested resource",
        );
    }
  }

  function eviction(request: KubeRequest, { kind, namespace, name }: Resourceful, options: WriteOptions): Answer {
    if (request.method !== "POST") throw new KubeFailure(405, "MethodNotAllowed", "evictions are created");
    const body = bodyObject(request);
    if (body.metadata.name !== name) throw badRequest("name in URL does not match name in Eviction object");
    const { dryRun, ...how } = deleteOptions(treeOf(body["deleteOptions"]));
    const asked = dryRun ? { ...options, dryRun: true } : options;
    const wished = { ...body, metadata: { ...body.metadata, namespace } };
    return { status: 201, body: evict({ api, store, kinds }, kind, wished, how, asked) };
  }

  return { answer, listing };
}

function question(verb: string, { group, resource, subresource, namespace, name }: Target): AccessQuestion {
  // A namespace is asked for within itself, as the real server does.
  const space = group === "" && resource === "namespaces" ? name : namespace;
  return { verb, group, resource, subresource, namespace: space, name };
}

function pathNotFound(): KubeFailure {
  return new KubeFailure(404, "NotFound", "the server could not find the requested resource");
}
