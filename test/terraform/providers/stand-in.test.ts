import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { readJson } from "../../unit/repository/repository-files.ts";
import { schemaFile } from "../support/providers.ts";
import { createWorkspace, type Workspace } from "../support/workspace.ts";

const Diagnostics = z.object({
  valid: z.boolean(),
  diagnostics: z.array(z.object({ summary: z.string(), detail: z.string().default("") })),
});

let standIns: Workspace;

beforeAll(() => {
  standIns = createWorkspace({ GENOPS_TF_MIRROR: "" });
});

afterAll(() => standIns.remove());

describe("a stand-in", () => {
  it.each([
    ["an argument that does not exist", 'project = "p"\n  topik = "t"\n  name = "n"', "Unsupported argument"],
    ["a required argument that is missing", 'project = "p"', "Missing required argument"],
    ["a value of the wrong type", 'name = "n"\n  labels = "many"', "Incorrect attribute value type"],
    ["a block that does not exist", 'name = "n"\n  retries {\n    n = 1\n  }', "Unsupported block type"],
    [
      "an output that a resource does not have",
      'name = "n"\n}\n\noutput "x" {\n  value = google_pubsub_topic.topic.nothing',
      "Unsupported attribute",
    ],
  ])("finds %s", async (what, body, summary) => {
    const path = `broken-${what.replaceAll(" ", "-")}`;
    write(path, `resource "google_pubsub_topic" "topic" {\n  ${body}\n}\n`);
    expect(await diagnose(path)).toMatchObject({ valid: false, diagnostics: [{ summary }] });
  });

  it("finds nothing where nothing is wrong", async () => {
    write("whole", 'resource "google_pubsub_topic" "topic" {\n  name = "n"\n}\n');
    expect(await diagnose("whole")).toEqual({ valid: true, diagnostics: [] });
  });

  it.each(["modules/aws", "examples/three-clouds"])(
    "finds as little in %s as the providers themselves",
    async (path) => {
      await standIns.terraform(path, "init", "-backend=false");
      const { stdout } = await standIns.terraform(path, "validate", "-json");
      expect(Diagnostics.parse(JSON.parse(stdout))).toEqual({ valid: true, diagnostics: [] });
    },
  );
});

describe("the snapshot of the AWS provider's schema", () => {
  it("is what the provider itself says, where it is there in the same version", async () => {
    const workspace = createWorkspace();
    try {
      const snapshot = Snapshot.parse(readJson(schemaFile("aws")));
      const provider = workspace.providers.find(({ name }) => name === "aws");
      const comparable = provider?.kind === "program" && provider.version === snapshot.version;
      const said = comparable ? await schemaOf(workspace) : snapshot.resource_schemas;
      expect(Object.keys(snapshot.resource_schemas).length).toBeGreaterThan(30);
      for (const [kind, schema] of Object.entries(snapshot.resource_schemas)) {
        expect(outline(said[kind]), kind).toEqual(outline(schema));
      }
    } finally {
      workspace.remove();
    }
  });
});

const Snapshot = z.object({ version: z.string(), resource_schemas: z.record(z.string(), z.unknown()) });

async function schemaOf(workspace: Workspace): Promise<Record<string, unknown>> {
  await workspace.terraform("modules/aws", "init", "-backend=false");
  const { stdout } = await workspace.terraform("modules/aws", "providers", "schema", "-json");
  const Document = z.object({ provider_schemas: z.record(z.string(), Snapshot.omit({ version: true })) });
  return (
    Document.parse(JSON.parse(stdout)).provider_schemas["registry.terraform.io/hashicorp/aws"]?.resource_schemas ?? {}
  );
}

/** A schema without its prose and its own version. */
function outline(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(outline);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(key.startsWith("description") && typeof inner === "string") && key !== "version")
      .map(([key, inner]) => [key, outline(inner)]),
  );
}

function write(path: string, text: string): void {
  const folder = join(standIns.folder, "terraform", path);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "main.tf"),
    `terraform {\n  required_providers {\n    google = {\n      source = "hashicorp/google"\n    }\n  }\n}\n\n${text}`,
  );
}

async function diagnose(path: string) {
  const init = await standIns.terraform(path, "init", "-no-color");
  expect(init.output).toContain("successfully initialized");
  const { stdout } = await standIns.terraform(path, "validate", "-json");
  return Diagnostics.parse(JSON.parse(stdout));
}
