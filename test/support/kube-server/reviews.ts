import type { Access } from "./access.ts";
import { badRequest } from "./failure.ts";
import { isTree, textAt } from "./tree.ts";
import type { Caller, Tree } from "./types.ts";

/** SelfSubjectAccessReview, SelfSubjectRulesReview and SelfSubjectReview: answered from the rules of the caller. */
export function review(resource: string, body: unknown, caller: Caller, access: Access): Tree | undefined {
  if (!isTree(body)) throw badRequest("the object provided is unrecognized");
  const asked = { ...body, metadata: {} };
  switch (resource) {
    case "selfsubjectaccessreviews": {
      const attributes = isTree(body["spec"]) ? body["spec"]["resourceAttributes"] : undefined;
      const part = (name: string) => textAt(attributes, name) ?? "";
      const allowed =
        isTree(attributes) &&
        access.may(caller, {
          verb: part("verb"),
          group: part("group"),
          resource: part("resource"),
          subresource: part("subresource"),
          namespace: part("namespace"),
          name: part("name"),
        });
      return { ...asked, status: { allowed } };
    }
    case "selfsubjectrulesreviews": {
      const resourceRules = access.rulesFor(caller, textAt(body, "spec", "namespace") ?? "");
      return { ...asked, status: { resourceRules, nonResourceRules: [], incomplete: false } };
    }
    case "selfsubjectreviews":
      return { ...asked, status: { userInfo: { username: caller.user, groups: caller.groups } } };
    default:
      return undefined;
  }
}
