import { randomUUID } from "node:crypto";
import type { Kinds } from "./resources.ts";
import type { Store } from "./store.ts";
import { listOf, textAt, treeOf } from "./tree.ts";
import type { Caller, KubeObject, Tree } from "./types.ts";

/** One question of authorization. */
export interface AccessQuestion {
  verb: string;
  group: string;
  resource: string;
  subresource: string;
  namespace: string;
  name: string;
}

export interface Access {
  /** A new token for this caller, valid until it is ended. */
  issue(caller: Caller, token?: string): string;
  /** From now on the token is 401. */
  end(token: string): void;
  callerOf(token: string): Caller | undefined;
  may(caller: Caller, question: AccessQuestion): boolean;
  /** Rules that hold for the caller in a namespace, as SelfSubjectRulesReview lists them. */
  rulesFor(caller: Caller, namespace: string): Tree[];
}

/** What every authenticated caller may ask about itself (`system:basic-user`). */
const BASIC: Tree = {
  verbs: ["create"],
  apiGroups: ["authorization.k8s.io", "authentication.k8s.io"],
  resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"],
};
const EVERYTHING: Tree = { verbs: ["*"], apiGroups: ["*"], resources: ["*"] };

/** Tokens, and RBAC over the roles and bindings that lie in the server. `open` lets every known token do everything. */
export function createAccess(store: Store, kinds: Kinds, mode: "open" | "rbac"): Access {
  const tokens = new Map<string, Caller>();
  const group = "rbac.authorization.k8s.io/v1";

  function bindings(kindName: string, namespace?: string): KubeObject[] {
    const kind = kinds.byKind(group, kindName);
    return kind === undefined ? [] : store.list(kind, namespace);
  }

  function rulesOf(binding: KubeObject): unknown[] {
    const ref = treeOf(binding["roleRef"]);
    const kind = kinds.byKind(group, textAt(ref, "kind") ?? "");
    const namespace = kind?.namespaced === true ? (binding.metadata.namespace ?? "") : "";
    const role = kind && store.get(kind, namespace, textAt(ref, "name") ?? "");
    return listOf(role?.["rules"]);
  }

  function rulesFor(caller: Caller, namespace: string): Tree[] {
    if (mode === "open" || caller.groups.includes("system:masters")) return [EVERYTHING];
    const spaced = namespace === "" ? [] : bindings("RoleBinding", namespace);
    const bound = [...bindings("ClusterRoleBinding"), ...spaced].filter((binding) =>
      listOf(binding["subjects"]).some((subject) => isSubject(treeOf(subject), caller)),
    );
    return [BASIC, ...bound.flatMap(rulesOf).map(treeOf)];
  }

  return {
    issue(caller, token = randomUUID()) {
      tokens.set(token, caller);
      return token;
    },
    end: (token) => void tokens.delete(token),
    callerOf: (token) => tokens.get(token),
    may: (caller, question) => rulesFor(caller, question.namespace).some((rule) => allows(rule, question)),
    rulesFor,
  };
}

function isSubject(subject: Tree, { user, groups }: Caller): boolean {
  switch (subject["kind"]) {
    case "User":
      return subject["name"] === user;
    case "Group":
      return groups.includes(String(subject["name"]));
    case "ServiceAccount":
      return user === `system:serviceaccount:${String(subject["namespace"])}:${String(subject["name"])}`;
    default:
      return false;
  }
}

function allows(rule: Tree, { verb, group, resource, subresource, name }: AccessQuestion): boolean {
  const has = (field: string, ...values: string[]) => {
    const listed = listOf(rule[field]);
    return listed.includes("*") || values.some((value) => listed.includes(value));
  };
  const names = listOf(rule["resourceNames"]);
  const full = subresource === "" ? resource : `${resource}/${subresource}`;
  const anyParent = subresource === "" ? full : `*/${subresource}`;
  return (
    has("verbs", verb) &&
    has("apiGroups", group) &&
    has("resources", full, anyParent) &&
    (names.length === 0 || names.includes(name))
  );
}
