import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { READ_COLUMNS } from "../../../shared/ingestion/sources/aws-data-export/columns.ts";
import { CUR2_COLUMNS } from "../../bench/cur2-columns.ts";
import { matchingLines, readText, root } from "../../unit/repository/repository-files.ts";
import { type Block, readTerraform, type TerraformFolder } from "../support/hcl.ts";

let folders: ReadonlyMap<string, TerraformFolder>;

beforeAll(async () => {
  folders = await readTerraform();
});

const all = () => [...folders.values()];
const PATHS = [
  "bootstrap/aws-stackset",
  "bootstrap/azure-management-group",
  "bootstrap/gcp-folder",
  "examples/one-cloud",
  "examples/three-clouds",
  "examples/two-clouds",
  "modules/aws",
  "modules/azure",
  "modules/gcp",
];

describe("terraform/", () => {
  it("has a module per cloud, an example per shape, and a bootstrap for many accounts, subscriptions and folders", () => {
    expect([...folders.keys()]).toEqual(PATHS);
    expect(all().reduce((count, { files }) => count + files.length, 0)).toBeGreaterThan(40);
    expect(all().reduce((count, { resources }) => count + resources.size, 0)).toBeGreaterThan(100);
  });

  it("says of every variable and output what it is, and of every variable its type", () => {
    for (const { path, variables, outputs } of all()) {
      expect(variables.size, path).toBeGreaterThan(0);
      for (const [name, block] of [...variables, ...outputs]) {
        expect(String(block["description"]), `${path}: ${name}`).toMatch(/^[A-Z].+[.?!…]$/);
      }
      for (const [name, block] of variables) expect(block["type"], `${path}: ${name}`).toBeDefined();
    }
  });

  it("has no provider without a lowest and a highest version", () => {
    for (const { path, terraform } of all()) {
      expect(terraform["required_version"], path).toMatch(/^>= \d+\.\d+\.\d+, < \d+\.\d+\.\d+$/);
      const providers = firstBlock(terraform["required_providers"]);
      expect(Object.keys(providers).length, path).toBeGreaterThan(0);
      for (const [name, provider] of Object.entries(providers)) {
        expect(provider, `${path}: ${name}`).toMatchObject({
          source: `hashicorp/${name}`,
          version: expect.stringMatching(/^>= \d+\.\d+\.\d+, < \d+\.\d+\.\d+$/),
        });
      }
    }
  });

  it("leaves providers to those who use a module", () => {
    for (const { path, text } of all()) {
      expect(/^provider "/m.test(text), path).toBe(path.startsWith("examples/"));
    }
  });

  it("has for every folder a page, and tests of its own", () => {
    for (const path of PATHS) {
      expect(existsSync(join(root, "terraform", path, "README.md")), path).toBe(true);
      expect(existsSync(join(root, "terraform", path, "tests")), path).toBe(true);
    }
  });

  it.each(PATHS)("names in the page of %s what has to be given", (path) => {
    const folder = folders.get(path);
    const page = readText(`terraform/${path}/README.md`);
    const required = [...(folder?.variables ?? [])].filter(([, block]) => !("default" in block)).map(([name]) => name);
    expect(required.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe("the state", () => {
  /** What would put a secret into the state: made by Terraform, read by it, or worked out by a provider. */
  const SECRETS = [
    /"(random_password|random_string|tls_private_key|aws_iam_access_key|google_service_account_key)"/,
    /"(aws_ssm_parameter|aws_secretsmanager_secret_version|azurerm_key_vault_secret|google_secret_manager_secret_version)"/,
    /\.(primary|secondary)_(access_key|connection_string|blob_connection_string|shared_key)\b/,
    /\b(client_secret|storage_access_key|connection_string|instrumentation_key|password|private_key)\s*=(?!\s*azurerm_application_insights\.)/,
    /\bsensitive\s*=\s*true/,
    /data\s+"azurerm_storage_account_(sas|blob_container_sas)"|_host_keys"/,
  ];

  it("never holds a secret: none is made, read or handed on", () => {
    const found = all().flatMap(({ path, text }) => SECRETS.flatMap((pattern) => matchingLines(path, text, pattern)));
    expect(found).toEqual([]);
  });

  it("holds the address of Application Insights, which opens nothing: local authentication is off there", () => {
    const azure = folders.get("modules/azure");
    expect(azure?.resources.get("azurerm_application_insights.genops")?.["local_authentication_disabled"]).toBe(true);
  });
});

describe("the CUR 2.0 export", () => {
  it("has every column that the mapping reads", () => {
    const listed = folders.get("modules/aws")?.locals["cur2_columns"];
    const known = new Set(CUR2_COLUMNS);
    expect(listed).toEqual(expect.arrayContaining(READ_COLUMNS.filter((name) => known.has(name))));
    expect((Array.isArray(listed) ? listed : []).filter((name) => !known.has(String(name)))).toEqual([]);
  });
});

function firstBlock(value: unknown): Block {
  return Array.isArray(value) ? (value[0] as Block) : {};
}
