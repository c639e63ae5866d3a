import type { Scope } from "./cel/parse.ts";
import { type Denial, judgeByCel } from "./cel/policy.ts";
import { KubeFailure, notFound } from "./failure.ts";
import type { Kinds } from "./resources.ts";
import { matchesSelector } from "./selectors.ts";
import type { Store } from "./store.ts";
import { isTree, listOf, textAt, treeOf, valueAt } from "./tree.ts";
import type { Caller, KubeObject, ResourceKind, Tree } from "./types.ts";

/*
 * ValidatingAdmissionPolicy: which requests a policy binds, with which parameters, what its expressions say (`cel/`: the part of CEL that
 * policies are written in), and what becomes of a denial. A test may answer for a policy itself (`register`), where `cel/` does not suffice.
 * All of CEL, with its types, is on the real control planes only.
 */

/** One request as admission sees it. */
export interface Admitted {
  operation: "CREATE" | "UPDATE" | "DELETE";
  kind: ResourceKind;
  subresource: string;
  namespace: string;
  name: string;
  caller: Caller;
  dryRun: boolean;
  /** As the request named it. */
  fieldManager: string | undefined;
  object: KubeObject | undefined;
  oldObject: KubeObject | undefined;
}

export interface PolicyInput extends Admitted {
  policy: KubeObject;
  /** What the binding's `paramRef` names; undefined without one. */
  params: KubeObject | undefined;
  namespaceObject: KubeObject | undefined;
}

/** The message of a denial, or nothing. */
export type PolicyEvaluator = (input: PolicyInput) => string | undefined;

export interface Policies {
  /** For the policies that `match` takes; the last registered wins. */
  register(match: (policy: KubeObject) => boolean, evaluate: PolicyEvaluator): void;
  /** Throws the first denial; warnings are added to the list. */
  admit(request: Admitted, warnings: string[]): void;
  /** What bindings with the action Audit found. */
  audited: { policy: string; binding: string; message: string }[];
}

export function createPolicies(store: Store, kinds: Kinds): Policies {
  const evaluators: { match: (policy: KubeObject) => boolean; evaluate: PolicyEvaluator }[] = [];
  const audited: Policies["audited"] = [];
  const group = "admissionregistration.k8s.io/v1";
  const policyKind = kinds.byKind(group, "ValidatingAdmissionPolicy");
  const bindingKind = kinds.byKind(group, "ValidatingAdmissionPolicyBinding");
  const namespaceKind = kinds.byKind("v1", "Namespace");

  function denialOf(input: PolicyInput): Denial | undefined {
    const registered = evaluators.findLast(({ match }) => match(input.policy));
    if (registered === undefined) return judgeByCel(input.policy, scopeOf(input));
    const message = registered.evaluate(input);
    return message === undefined ? undefined : { message, reason: "Invalid" };
  }

  function judge(request: Admitted, policy: KubeObject, binding: KubeObject, warnings: string[]): void {
    const namespaceObject = namespaceKind && store.get(namespaceKind, "", request.namespace);
    const constraints = [treeOf(policy.spec?.["matchConstraints"]), treeOf(binding.spec?.["matchResources"])];
    if (!constraints.every((each) => takes(each, request, namespaceObject))) return;
    const params = paramsOf(policy, binding, request, store, kinds);
    if (params === "none") return;
    const denial = denialOf({ ...request, policy, params, namespaceObject });
    if (denial === undefined) return;
    const { message } = denial;
    const names = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
    const actions = listOf(binding.spec?.["validationActions"]);
    if (actions.includes("Audit")) {
      audited.push({ policy: policy.metadata.name, binding: binding.metadata.name, message });
    }
    if (actions.includes("Warn")) warnings.push(`Validation failed for ${names}: ${message}`);
    if (actions.includes("Deny")) throw denied(request, `${names} denied request: ${message}`, denial.reason);
  }

  return {
    register: (match, evaluate) => void evaluators.push({ match, evaluate }),
    audited,
    admit(request, warnings) {
      if (policyKind === undefined || bindingKind === undefined) return;
      if (request.kind === policyKind || request.kind === bindingKind) return;
      for (const binding of store.list(bindingKind)) {
        const policy = store.get(policyKind, "", textAt(binding.spec, "policyName") ?? "");
        if (policy !== undefined) judge(request, policy, binding, warnings);
      }
    },
  };
}

const CODES: Readonly<Record<string, number>> = {
  Invalid: 422,
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
};

function denied({ kind, name }: Admitted, message: string, reason = "Invalid"): KubeFailure {
  const id = kind.group === "" ? kind.resource : `${kind.resource}.${kind.group}`;
  return new KubeFailure(CODES[reason] ?? 422, reason, `${id} "${name}" is forbidden: ${message}`, {
    details: { name, group: kind.group, kind: kind.resource, causes: [{ message }] },
  });
}

/** The variables of an expression. */
function scopeOf(input: PolicyInput): Scope {
  const { kind, operation, subresource, namespace, name, caller, dryRun, fieldManager } = input;
  const { group, version, resource } = kind;
  const options = { ...(fieldManager === undefined ? {} : { fieldManager }), ...(dryRun ? { dryRun: ["All"] } : {}) };
  return {
    object: input.object ?? null,
    oldObject: input.oldObject ?? null,
    params: input.params ?? null,
    namespaceObject: input.namespaceObject ?? null,
    request: {
      operation,
      kind: { group, version, kind: kind.kind },
      resource: { group, version, resource },
      subResource: subresource,
      name,
      ...(namespace === "" ? {} : { namespace }),
      userInfo: { username: caller.user, groups: caller.groups },
      dryRun,
      options,
    },
  };
}

/** Whether match resources take the request; those of a binding may be left out. */
function takes(constraints: Tree, request: Admitted, namespaceObject: KubeObject | undefined): boolean {
  const rules = listOf(constraints["resourceRules"]);
  if (rules.length > 0 && !rules.some((rule) => ruleTakes(treeOf(rule), request))) return false;
  if (listOf(constraints["excludeResourceRules"]).some((rule) => ruleTakes(treeOf(rule), request))) return false;
  const { namespaceSelector, objectSelector } = constraints;
  const space = request.kind.resource === "namespaces" ? (request.object ?? request.oldObject) : namespaceObject;
  if (isTree(namespaceSelector) && space !== undefined && !matchesSelector(namespaceSelector, space.metadata.labels)) {
    return false;
  }
  const objects = [request.object, request.oldObject].filter((each) => each !== undefined);
  return !isTree(objectSelector) || objects.some(({ metadata }) => matchesSelector(objectSelector, metadata.labels));
}

function ruleTakes(rule: Tree, { kind, subresource, operation, name }: Admitted): boolean {
  const has = (field: string, value: string) => {
    const values = listOf(rule[field]);
    return values.includes("*") || values.includes(value);
  };
  const names = listOf(rule["resourceNames"]);
  return (
    has("apiGroups", kind.group) &&
    has("apiVersions", kind.version) &&
    has("operations", operation) &&
    (names.length === 0 || names.includes(name)) &&
    listOf(rule["resources"]).some((pattern) => resourceTakes(String(pattern), kind.resource, subresource))
  );
}

function resourceTakes(pattern: string, resource: string, subresource: string): boolean {
  const [wanted = "", sub] = pattern.split("/");
  if (wanted !== "*" && wanted !== resource) return false;
  return sub === undefined ? subresource === "" : sub === "*" || sub === subresource;
}

/** "none": the binding names parameters that are not there, and says that it then does not apply. */
function paramsOf(
  policy: KubeObject,
  binding: KubeObject,
  request: Admitted,
  store: Store,
  kinds: Kinds,
): KubeObject | undefined | "none" {
  const paramKind = treeOf(policy.spec?.["paramKind"]);
  const ref = binding.spec?.["paramRef"];
  const kind = kinds.byKind(String(paramKind["apiVersion"]), String(paramKind["kind"]));
  if (kind === undefined || !isTree(ref)) return undefined;
  const namespace = kind.namespaced ? (textAt(ref, "namespace") ?? request.namespace) : "";
  const name = textAt(ref, "name");
  const found =
    name === undefined
      ? store.list(kind, namespace).find(({ metadata }) => matchesSelector(valueAt(ref, "selector"), metadata.labels))
      : store.get(kind, namespace, name);
  if (found !== undefined) return found;
  if (ref["parameterNotFoundAction"] === "Allow") return "none";
  throw denied(request, `failed to configure binding: ${notFound(kind, name ?? "").message}`);
}
