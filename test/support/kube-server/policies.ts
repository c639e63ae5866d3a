import { KubeFailure, notFound } from "./failure.ts";
import type { Kinds } from "./resources.ts";
import { matchesSelector } from "./selectors.ts";
import type { Store } from "./store.ts";
import { isTree, listOf, textAt, treeOf, valueAt } from "./tree.ts";
import type { Caller, KubeObject, ResourceKind, Tree } from "./types.ts";

/*
 * ValidatingAdmissionPolicy without CEL. Which requests a policy binds, with which parameters and what becomes of a denial is done here as
 * the real server does it; what the expressions say is told by a function that the test registers. Real CEL is proven on the real control
 * plane only.
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

  function evaluatorOf(policy: KubeObject): PolicyEvaluator {
    const found = evaluators.findLast(({ match }) => match(policy));
    if (found !== undefined) return found.evaluate;
    const what = `no evaluator is registered for ValidatingAdmissionPolicy ${policy.metadata.name}`;
    throw new KubeFailure(500, "InternalError", `${what}: this server evaluates no CEL`);
  }

  function judge(request: Admitted, policy: KubeObject, binding: KubeObject, warnings: string[]): void {
    const namespaceObject = namespaceKind && store.get(namespaceKind, "", request.namespace);
    const constraints = [treeOf(policy.spec?.["matchConstraints"]), treeOf(binding.spec?.["matchResources"])];
    if (!constraints.every((each) => takes(each, request, namespaceObject))) return;
    const params = paramsOf(policy, binding, request, store, kinds);
    if (params === "none") return;
    const message = evaluatorOf(policy)({ ...request, policy, params, namespaceObject });
    if (message === undefined) return;
    const names = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
    const actions = listOf(binding.spec?.["validationActions"]);
    if (actions.includes("Audit")) {
      audited.push({ policy: policy.metadata.name, binding: binding.metadata.name, message });
    }
    if (actions.includes("Warn")) warnings.push(`Validation failed for ${names}: ${message}`);
    if (actions.includes("Deny")) throw denied(request, `${names} denied request: ${message}`);
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

function denied({ kind, name }: Admitted, message: string): KubeFailure {
  const id = kind.group === "" ? kind.resource : `${kind.resource}.${kind.group}`;
  return new KubeFailure(422, "Invalid", `${id} "${name}" is forbidden: ${message}`, {
    details: { name, group: kind.group, kind: kind.resource, causes: [{ message }] },
  });
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
