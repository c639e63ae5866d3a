import { runInNewContext } from "node:vm";
import { statementsOf } from "./policies.ts";
import type { Resource } from "./test-runs.ts";

export type Right = "list" | "read" | "write" | "delete";

/** May the holder do this to this object of the lake's bucket? Of a listing the name is what it begins with. */
export type Access = (right: Right, name: string) => boolean;

const S3: Readonly<Record<Right, string>> = {
  list: "s3:ListBucket",
  read: "s3:GetObject",
  write: "s3:PutObject",
  delete: "s3:DeleteObject",
};

/** As AWS decides: what is denied stays denied, what nobody allows is denied, too. */
export function s3Access(resources: readonly Resource[], address: string): Access {
  const statements = statementsOf(resources, "policy").filter((statement) => statement.address === address);
  const bucket = resources.find((each) => each.address === "aws_s3_bucket.lake")?.values["arn"];
  return (right, name) => {
    const arn = right === "list" ? String(bucket) : `${String(bucket)}/${name}`;
    const effects = statements
      .filter(({ Action, Resource }) => Action.includes(S3[right]) && Resource.some((each) => matches(each, arn)))
      .map(({ Effect }) => Effect);
    return effects.includes("Allow") && !effects.includes("Deny");
  };
}

function matches(pattern: string, arn: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(arn);
}

const GCS_ROLES: Readonly<Record<string, readonly Right[]>> = {
  "roles/storage.objectViewer": ["list", "read"],
  "roles/storage.objectUser": ["list", "read", "write", "delete"],
};

/** As Google decides: one binding whose condition holds is enough. The conditions are words that JavaScript has, too. */
export function gcsAccess(resources: readonly Resource[], addresses: RegExp): Access {
  const bindings = resources.filter(
    ({ address, type }) => type === "google_storage_bucket_iam_member" && addresses.test(address),
  );
  return (right, name) => {
    const bucket = { type: "storage.googleapis.com/Bucket", name: "projects/_/buckets/acme-genops-lake" };
    const object = { type: "storage.googleapis.com/Object", name: `${bucket.name}/objects/${name}` };
    return bindings.some(({ values }) => {
      const expression = conditionOf(values["condition"]);
      return (
        GCS_ROLES[String(values["role"])]?.includes(right) === true &&
        (expression === undefined || holds(expression, { resource: right === "list" ? bucket : object }))
      );
    });
  };
}

function conditionOf(value: unknown): string | undefined {
  const [first]: unknown[] = Array.isArray(value) ? value : [];
  return typeof first === "object" && first !== null && "expression" in first ? String(first.expression) : undefined;
}

const BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
const BLOB_ACTIONS: Readonly<Record<Right, string>> = {
  list: `${BLOBS}/read`,
  read: `${BLOBS}/read`,
  write: `${BLOBS}/write`,
  delete: `${BLOBS}/delete`,
};
const BLOB_ROLES: Readonly<Record<string, readonly Right[]>> = {
  "Storage Blob Data Reader": ["list", "read"],
  "Storage Blob Data Contributor": ["list", "read", "write", "delete"],
};

/** As Azure decides: one assignment whose condition holds is enough. A listing has no path. */
export function blobAccess(resources: readonly Resource[], addresses: RegExp): Access {
  const assignments = resources.filter(
    ({ address, type }) => type === "azurerm_role_assignment" && addresses.test(address),
  );
  return (right, name) =>
    assignments.some(({ values }) => {
      const condition = values["condition"];
      const request = {
        action: BLOB_ACTIONS[right],
        suboperation: right === "list" ? "Blob.List" : "",
        path: right === "list" ? "" : name,
      };
      return (
        BLOB_ROLES[String(values["role_definition_name"])]?.includes(right) === true &&
        (typeof condition !== "string" || holds(inJavaScript(condition), request))
      );
    });
}

/** The part of Azure's conditions that is used here. A path that is not there equals nothing and begins with nothing. */
function inJavaScript(condition: string): string {
  return condition
    .replaceAll(/ActionMatches\{('[^']+')\}/g, (found, action: string, at: number) =>
      condition.slice(at - 12, at) === "SubOperation" ? found : `action === ${action}`,
    )
    .replaceAll(/SubOperationMatches\{('[^']+')\}/g, "(suboperation === $1)")
    .replaceAll(`@Resource[${BLOBS}:path] StringNotStartsWith`, "path !== '' && !path.startsWith")
    .replaceAll(`@Resource[${BLOBS}:path] StringStartsWith`, "path.startsWith")
    .replaceAll(`@Resource[${BLOBS}:path] StringEquals`, "path ===")
    .replaceAll(/startsWith ('[^']+')/g, "startsWith($1)")
    .replaceAll(/\bAND\b/g, "&&")
    .replaceAll(/\bOR\b/g, "||")
    .replaceAll(/\bNOT\b/g, "!");
}

function holds(expression: string, names: Readonly<Record<string, unknown>>): boolean {
  const result: unknown = runInNewContext(expression, { ...names });
  if (typeof result === "boolean") return result;
  throw new Error(`a condition that is neither true nor false: ${expression}`);
}
