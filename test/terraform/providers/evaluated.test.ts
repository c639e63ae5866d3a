import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Access, blobAccess, gcsAccess, type Right, s3Access } from "../support/access.ts";
import { statementsOf, unlimited, valuesOf } from "../support/policies.ts";
import { createTestRuns, type Resource } from "../support/test-runs.ts";
import { createWorkspace, FOLDERS, type Workspace } from "../support/workspace.ts";

let workspace: Workspace;
let standIns: Workspace;

// Several clouds are the same modules once more, wired together: what the providers have to say about them was said for the modules.
const testRuns = createTestRuns((path) => (/(two|three)-clouds$/.test(path) ? standIns : workspace));

beforeAll(() => {
  workspace = createWorkspace();
  standIns = createWorkspace({ GENOPS_TF_MIRROR: "" });
});

afterAll(() => {
  workspace.remove();
  standIns.remove();
});

const CLOUDS = ["aws", "azure", "gcp"] as const;

describe.each(FOLDERS)("%s", (path) => {
  it("passes its own tests, with every value worked out", async () => {
    const { runs, errors } = await testRuns(path);
    expect(errors).toEqual([]);
    expect(runs.filter(({ status }) => status !== "pass")).toEqual([]);
    expect(runs.length).toBeGreaterThan(0);
  });
});

/** Everything that could be switched on, and three clouds with each as the primary. */
const DEPLOYMENTS = [
  ["modules/aws", "everything"],
  ["modules/azure", "everything"],
  ["modules/gcp", "everything"],
  ["examples/three-clouds", "aws_is_the_primary"],
  ["examples/three-clouds", "azure_is_the_primary"],
  ["examples/three-clouds", "gcp_is_the_primary"],
] as const;

async function deployed(path: string, name: string): Promise<readonly Resource[]> {
  const { runs } = await testRuns(path);
  const resources = runs.find((run) => run.name === name)?.resources ?? [];
  expect(resources.length).toBeGreaterThan(20);
  return resources;
}

/** Statements about things that know no smaller resource than everything. */
const WITHOUT_RESOURCES: Readonly<Record<string, string>> = {
  CostExplorer: "Cost Explorer knows no resources",
  ShowIdentityToOtherClouds: "a token is no resource; the audience is a condition",
};

/** Built-in roles that hold far more than one task. */
const WIDE_ROLES =
  /^(roles\/(owner|editor|viewer|storage\.admin|storage\.objectAdmin|pubsub\.admin|pubsub\.editor|bigquery\.admin|iam\..*[aA]dmin)|Owner|Contributor|Reader|User Access Administrator|Storage Account Contributor)$/;

describe.each(DEPLOYMENTS)("%s, %s:", (path, name) => {
  it("nothing is allowed without a limit", async () => {
    const resources = await deployed(path, name);
    const wide = unlimited(statementsOf(resources, "policy"));
    expect(wide.filter(({ Sid }) => WITHOUT_RESOURCES[Sid] === undefined)).toEqual([]);
    expect(wide.flatMap(({ Action }) => Action.filter((action) => action.includes("*")))).toEqual([]);
  });

  it("no role is wider than its task", async () => {
    const resources = await deployed(path, name);
    const roles = resources.flatMap(({ address, values }) =>
      [values["role"], values["role_definition_name"]].flatMap((role) =>
        typeof role === "string" && WIDE_ROLES.test(role) ? [`${address}: ${role}`] : [],
      ),
    );
    expect(roles).toEqual([]);
  });

  it("nothing is open to everybody", async () => {
    const resources = await deployed(path, name);
    const members = resources.flatMap(({ address, values }) =>
      /^all(Authenticated)?Users$/.test(String(values["member"])) ? [address] : [],
    );
    expect(members).toEqual([]);
    expect(Object.values(valuesOf(resources, "azurerm_storage_container", "container_access_type"))).not.toContain(
      "blob",
    );
    expect(
      new Set(Object.values(valuesOf(resources, "google_storage_bucket", "public_access_prevention"))).size,
    ).toBeLessThan(2);
    const blocks = resources.filter(({ type }) => type === "aws_s3_bucket_public_access_block");
    expect(blocks).toHaveLength(resources.filter(({ type }) => type === "aws_s3_bucket").length);
    for (const { values } of blocks) {
      expect(values).toMatchObject({
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: true,
      });
    }
  });

  it("whoever comes in from outside is named, and shows a token that is meant for here", async () => {
    const resources = await deployed(path, name);
    const trusts = statementsOf(resources, "assume_role_policy");
    const federated = trusts.filter(({ Action }) => Action.includes("sts:AssumeRoleWithWebIdentity"));
    for (const { Condition } of federated) {
      const keys = Object.keys(Condition["StringEquals"] ?? {});
      expect(keys.filter((key) => /:(aud|oaud)$/.test(key))).toHaveLength(1);
      expect(keys.filter((key) => key.endsWith(":sub"))).toHaveLength(1);
    }
    expect(trusts.filter(({ Principal }) => Principal === "*")).toEqual([]);
    const conditions = valuesOf(resources, "google_iam_workload_identity_pool_provider", "attribute_condition");
    expect(Object.values(conditions).filter((condition) => !String(condition).startsWith("assertion."))).toEqual([]);
    const subjects = valuesOf(resources, "azurerm_federated_identity_credential", "subject");
    expect(Object.values(subjects).filter((subject) => String(subject).includes("*"))).toEqual([]);
  });

  it("storage is encrypted, takes TLS only, and opens to no key", async () => {
    const resources = await deployed(path, name);
    for (const { values } of resources.filter(({ type }) => type === "azurerm_storage_account")) {
      expect(values).toMatchObject({
        shared_access_key_enabled: false,
        allow_nested_items_to_be_public: false,
        https_traffic_only_enabled: true,
        min_tls_version: "TLS1_2",
        infrastructure_encryption_enabled: true,
      });
    }
    const buckets = resources.filter(({ type }) => type === "aws_s3_bucket").length;
    expect(resources.filter(({ type }) => type === "aws_s3_bucket_server_side_encryption_configuration")).toHaveLength(
      buckets,
    );
    const denials = statementsOf(resources, "policy").filter(
      ({ Sid, Effect }) => Sid === "TlsOnly" && Effect === "Deny",
    );
    const queues = resources.filter(({ type }) => type === "aws_sqs_queue");
    expect(denials).toHaveLength(buckets + queues.length);
    for (const { values } of queues)
      expect(values["sqs_managed_sse_enabled"] === true || values["kms_master_key_id"] !== null).toBe(true);
    for (const { values } of resources.filter(({ type }) => type === "google_storage_bucket")) {
      expect(values).toMatchObject({ uniform_bucket_level_access: true, public_access_prevention: "enforced" });
    }
  });
});

/** What may be done with the lake's bucket, by whoever it is. */
const EVERYTHING: readonly Right[] = ["read", "write", "delete"];
const LAKE = [
  "lake/heads/aws/2026-11.json",
  "lake/cube/x.parquet",
  "lake/findings/a.json",
  "lake/sources/ce/spend.json",
];
const ROWS = ["lake/rows/source=aws/part-0.parquet", "lake/index/source=aws/current.json"];

const HOLDERS: Readonly<
  Record<(typeof CLOUDS)[number], (resources: readonly Resource[], who: "guest" | "function" | "github") => Access>
> = {
  aws: (resources, who) =>
    s3Access(
      resources,
      `aws_iam_role_policy.${{ guest: "azure[0]", function: 'function["evaluate"]', github: "github[0]" }[who]}`,
    ),
  azure: (resources, who) =>
    blobAccess(
      resources,
      { guest: /assignment\.guest_/, function: /assignment\.(lake|config)(\[|$)/, github: /assignment\.github_lake/ }[
        who
      ],
    ),
  gcp: (resources, who) =>
    gcsAccess(
      resources,
      {
        guest: /member\.guest/,
        function: /member\.(lake|config)\["evaluate"\]/,
        github: /member\.github_(lake|config)/,
      }[who],
    ),
};

describe.each(CLOUDS)("in the bucket of the lake on %s", (cloud) => {
  const holder = async (who: "guest" | "function" | "github") =>
    HOLDERS[cloud](await deployed(`modules/${cloud}`, "everything"), who);
  const granted = (may: Access, names: readonly string[]) =>
    names.flatMap((name) => EVERYTHING.filter((right) => may(right, name)).map((right) => `${right} ${name}`));
  const all = (names: readonly string[]) => names.flatMap((name) => EVERYTHING.map((right) => `${right} ${name}`));

  it("functions of other clouds reach cube and state; rows and the configuration they do not", async () => {
    const may = await holder("guest");
    expect(granted(may, LAKE)).toEqual(all(LAKE));
    expect(granted(may, [...ROWS, "genops.yaml", "rates.csv"])).toEqual([]);
    expect(may("list", "lake/")).toBe(true);
  });

  it("functions here reach everything of the lake, and read the configuration, but do not write it", async () => {
    const may = await holder("function");
    expect(granted(may, [...LAKE, ...ROWS])).toEqual(all([...LAKE, ...ROWS]));
    expect(granted(may, ["genops.yaml", "rates.csv"])).toEqual(["read genops.yaml", "read rates.csv"]);
    expect(may("list", "lake/")).toBe(true);
  });

  it("a deployment reads the configuration, and writes where the doctor does", async () => {
    const may = await holder("github");
    expect(granted(may, ["lake/doctor/1"])).toEqual(all(["lake/doctor/1"]));
    expect(granted(may, ["genops.yaml", "doctor.yaml"])).toEqual(["read genops.yaml", "read doctor.yaml"]);
    expect(granted(may, [...LAKE, ...ROWS])).toEqual([]);
    expect(may("list", "lake/doctor/")).toBe(true);
  });

  it("functions of other clouds read rows when they are allowed to, and still do not write them", async () => {
    const may = HOLDERS[cloud](await deployed(`modules/${cloud}`, "guests_may_read_rows"), "guest");
    expect(granted(may, ROWS.slice(0, 1))).toEqual(ROWS.slice(0, 1).map((name) => `read ${name}`));
    expect(granted(may, ["genops.yaml"])).toEqual([]);
  });
});

describe("on AWS, where each function has its own rights in the lake,", () => {
  it.each(["alerts", "api"])("%s forgets what was told and heard, and nothing else", async (name) => {
    const may = s3Access(await deployed("modules/aws", "everything"), `aws_iam_role_policy.function["${name}"]`);
    expect(may("delete", "lake/outbox/pending/slack/f/1.json")).toBe(true);
    expect(may("delete", "lake/alerts/seen/2026-11-22/a.json")).toBe(true);
    expect([...LAKE, ...ROWS].filter((each) => may("delete", each))).toEqual([]);
  });
});

/** The resources by which each cloud lets functions of another one in. */
const DOORS: Readonly<Record<(typeof CLOUDS)[number], Readonly<Record<string, string>>>> = {
  aws: { azure: "module.aws.aws_iam_role.azure[0]", gcp: "module.aws.aws_iam_role.google[0]" },
  azure: {
    aws: 'module.azure.azurerm_federated_identity_credential.guest["aws-collect"]',
    gcp: 'module.azure.azurerm_federated_identity_credential.guest["google-collect"]',
  },
  gcp: {
    aws: "module.gcp.google_iam_workload_identity_pool_provider.aws[0]",
    azure: "module.gcp.google_iam_workload_identity_pool_provider.azure[0]",
  },
};

describe.each(CLOUDS)("with %s as the primary", (primary) => {
  const load = () => deployed("examples/three-clouds", `${primary}_is_the_primary`);

  it("the other two come in there, and nobody anywhere else", async () => {
    const addresses = new Set((await load()).map(({ address }) => address));
    const open = CLOUDS.flatMap((cloud) =>
      Object.entries(DOORS[cloud]).flatMap(([from, door]) => (addresses.has(door) ? [`${from} → ${cloud}`] : [])),
    );
    expect(open).toEqual(Object.keys(DOORS[primary]).map((from) => `${from} → ${primary}`));
  });

  it("every function on AWS may prove who it is to Entra, if that is where it has to go", async () => {
    const statements = statementsOf(await load(), "policy");
    const provers = statements.filter(({ Action }) => Action.includes("sts:GetWebIdentityToken"));
    expect(provers).toHaveLength(primary === "azure" ? 6 : 0);
    for (const { Condition } of provers) {
      expect(Condition).toEqual({
        "ForAllValues:StringEquals": { "sts:IdentityTokenAudience": ["api://AzureADTokenExchange"] },
        Null: { "sts:IdentityTokenAudience": "false" },
      });
    }
  });

  it("every function knows the primary lake, and the others the lake at home", async () => {
    const resources = await load();
    const environments = resources.flatMap(({ address, type, values }) => environmentOf(type, values, address));
    expect(environments).toHaveLength(6 + 1 + 6);
    const primaryLake = {
      aws: "s3://acme-genops-lake/lake",
      azure: "azblob://acmegenops/lake/lake",
      gcp: "gs://acme-genops-lake/lake",
    }[primary];
    for (const { cloud, variables } of environments) {
      expect(variables["GENOPS_LAKE"]).toBe(primaryLake);
      expect(variables["GENOPS_HOME"]).toBe(cloud === primary ? undefined : cloud);
      expect(variables["GENOPS_CONFIG"]).toMatch(/^(s3|azblob|gs):\/\/.+\/genops\.yaml$/);
      expect(variables["GENOPS_QUEUE_COLLECT"]).toBeDefined();
      expect(variables["GENOPS_QUEUE_EVALUATE"]).toBeDefined();
      expect(variables["GENOPS_QUEUE_ENFORCE"]).toBeDefined();
    }
  });
});

function environmentOf(type: string, values: Resource["values"], address: string) {
  const cloud = address.split(".")[1] ?? "";
  const variables =
    type === "aws_lambda_function"
      ? inner(inner(values, "environment"), "variables")
      : type === "google_cloudfunctions2_function"
        ? inner(inner(values, "service_config"), "environment_variables")
        : type === "azurerm_function_app_flex_consumption"
          ? inner(values, "app_settings")
          : undefined;
  return variables === undefined ? [] : [{ cloud, variables }];
}

/** An attribute that is an object, or a block, which is a list of one. */
function inner(values: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const value = values[name];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === "object" && first !== null ? { ...first } : {};
}
