import type { Grant, StoreGrants } from "../../ports/permissions.ts";

/** An IAM statement for the policy of GenOps' role. */
function allow(right: string, resource: string): Grant {
  return { right, how: JSON.stringify({ Effect: "Allow", Action: right, Resource: resource }) };
}

/** For `s3://bucket/prefix`, a glob, or one object. */
export function s3Grants(location: string): StoreGrants {
  const [bucket = "", ...rest] = location.replace(/^s3:\/\//i, "").split("/");
  const objects = `arn:aws:s3:::${bucket}/${objectsOf(rest.join("/"))}`;
  return {
    list: allow("s3:ListBucket", `arn:aws:s3:::${bucket}`),
    read: allow("s3:GetObject", objects),
    write: allow("s3:PutObject", objects),
    delete: allow("s3:DeleteObject", objects),
  };
}

/** Everything that a key, as it is configured, may lead to. */
function objectsOf(key: string): string {
  const fixed = key.replace(/[*?[{].*$/, "");
  if (fixed !== key || key === "" || key.endsWith("/")) return `${fixed}*`;
  return /\.[^/]+$/.test(key) ? key : `${key}/*`;
}

export const COST_EXPLORER_GRANT: Grant = allow("ce:GetCostAndUsage", "*");

/** For SELECTs on a table of the Glue catalogue; its files and the results' bucket need s3:GetObject and s3:PutObject besides. */
export function athenaGrant(workgroup: string): Grant {
  const actions = [
    "athena:GetWorkGroup",
    "athena:StartQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
  ];
  const glue = ["glue:GetDatabase", "glue:GetDatabases", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"];
  const statements = [
    { Effect: "Allow", Action: actions, Resource: `arn:aws:athena:*:*:workgroup/${workgroup}` },
    { Effect: "Allow", Action: glue, Resource: "*" },
  ];
  return { right: "athena:StartQueryExecution and glue:GetTable", how: JSON.stringify(statements) };
}

/** For an SQS queue by its URL. */
export function sqsGrant(url: string): Grant {
  const match = /^https?:\/\/sqs\.([^.]+)\.[^/]+\/(\d+)\/(.+)$/.exec(url);
  const arn = match === null ? "<ARN of the queue>" : `arn:aws:sqs:${match[1]}:${match[2]}:${match[3]}`;
  return allow("sqs:SendMessage", arn);
}

/** For a role that another cloud's function assumes. */
export function assumeRoleGrant(roleArn: string): Grant {
  return {
    right: "sts:AssumeRoleWithWebIdentity",
    how: `in the trust policy of ${roleArn}: see "Trust in AWS" in docs/identity.md`,
  };
}

export const SIGN_IN_GRANT: Grant = {
  right: "an identity in AWS",
  how: "in AWS: give the function a role; on your machine: aws sso login (or aws configure sso); elsewhere: credentials.aws",
};
