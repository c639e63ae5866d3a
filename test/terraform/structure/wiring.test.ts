import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { readJson } from "../../unit/repository/repository-files.ts";
import { type Block, readTerraform, type TerraformFolder } from "../support/hcl.ts";
import { PROVIDERS, schemaFile } from "../support/providers.ts";

let folders: ReadonlyMap<string, TerraformFolder>;

beforeAll(async () => {
  folders = await readTerraform();
});

interface BlockSchema {
  attributes?: Readonly<Record<string, { required?: boolean | undefined; optional?: boolean | undefined }>> | undefined;
  block_types?: Readonly<Record<string, { min_items?: number | undefined; block: BlockSchema }>> | undefined;
}
const BlockSchema: z.ZodType<BlockSchema> = z.object({
  attributes: z
    .record(z.string(), z.object({ required: z.boolean().optional(), optional: z.boolean().optional() }))
    .optional(),
  block_types: z
    .record(z.string(), z.object({ min_items: z.number().optional(), block: z.lazy(() => BlockSchema) }))
    .optional(),
});
const Kinds = z.record(z.string(), z.object({ block: BlockSchema }));
const ProviderSchema = z.object({ resource_schemas: Kinds, data_source_schemas: Kinds });

/** Arguments of Terraform's own, which no schema names. */
const META = new Set(["count", "for_each", "depends_on", "lifecycle", "provider", "dynamic"]);

describe("an example", () => {
  it.each(["one-cloud", "two-clouds", "three-clouds"])(
    "%s calls modules that exist, with variables that exist, and gives all that are required",
    (name) => {
      const example = folders.get(`examples/${name}`);
      expect(example?.modules.size).toBeGreaterThan(0);
      for (const [call, block] of example?.modules ?? []) {
        const path = String(block["source"]).replace(/^\.\.\/\.\.\//, "");
        const target = folders.get(path);
        expect(target, `${name}: ${call} calls ${path}`).toBeDefined();
        const given = Object.keys(block).filter((key) => key !== "source");
        expect(given.filter((key) => target?.variables.has(key) !== true)).toEqual([]);
        const required = [...(target?.variables ?? [])].filter(([, each]) => !("default" in each)).map(([key]) => key);
        expect(required.filter((key) => !given.includes(key))).toEqual([]);
      }
    },
  );

  it.each(["two-clouds", "three-clouds"])("%s uses outputs that its modules have", (name) => {
    const example = folders.get(`examples/${name}`);
    const used = [...(example?.text.matchAll(/\bmodule\.(\w+)\.(\w+)/g) ?? [])];
    expect(used.length).toBeGreaterThan(3);
    for (const [text, call = "", output = ""] of used) {
      const path = String(example?.modules.get(call)?.["source"]).replace(/^\.\.\/\.\.\//, "");
      expect(folders.get(path)?.outputs.has(output), text).toBe(true);
    }
  });
});

describe("every folder", () => {
  it("uses variables and locals that exist, and has none that nobody uses", () => {
    for (const { path, text, variables, locals } of folders.values()) {
      const usedVariables = new Set([...text.matchAll(/\bvar\.(\w+)/g)].map(([, name]) => name ?? ""));
      const usedLocals = new Set([...text.matchAll(/\blocal\.(\w+)/g)].map(([, name]) => name ?? ""));
      expect([...usedVariables].sort(), path).toEqual([...variables.keys()].sort());
      expect([...usedLocals].sort(), path).toEqual(Object.keys(locals).sort());
    }
  });
});

describe.each(PROVIDERS)("what is asked of the provider %s", (provider) => {
  const schema = ProviderSchema.parse(readJson(schemaFile(provider)));

  it("is known to it: kinds, arguments, blocks; and nothing that is required is missing", () => {
    let seen = 0;
    const problems = [...folders.values()].flatMap(({ path, resources, data }) => {
      const wanted = [
        ...[...resources].map(([name, block]) => ({ name, block, kinds: schema.resource_schemas })),
        ...[...data].map(([name, block]) => ({ name, block, kinds: schema.data_source_schemas })),
      ].filter(({ name }) => name.startsWith(`${provider}_`));
      seen += wanted.length;
      return wanted.flatMap(({ name, block, kinds }) => {
        const kind = kinds[name.split(".")[0] ?? ""];
        return kind === undefined ? [`${path}: ${name}: unknown kind`] : check(block, kind.block, `${path}: ${name}`);
      });
    });
    expect(problems).toEqual([]);
    expect(seen).toBeGreaterThan(15);
  });

  it("has a snapshot that holds nothing else", () => {
    const used = new Set(
      [...folders.values()].flatMap(({ resources, data }) =>
        [...resources.keys(), ...data.keys()].map((name) => name.split(".")[0] ?? ""),
      ),
    );
    const held = [...Object.keys(schema.resource_schemas), ...Object.keys(schema.data_source_schemas)];
    expect(held.filter((name) => !used.has(name))).toEqual([]);
  });
});

function check(block: Block, schema: BlockSchema, where: string): string[] {
  const { attributes = {}, block_types: blocks = {} } = schema;
  const dynamic = z.record(z.string(), z.unknown()).catch({}).parse(block["dynamic"]);
  const given = new Set([...Object.keys(block), ...Object.keys(dynamic)]);
  const unknown = [...given].filter((name) => !META.has(name) && !(name in attributes) && !(name in blocks));
  const readOnly = [...given].filter((name) => {
    const attribute = attributes[name];
    return attribute !== undefined && attribute.required !== true && attribute.optional !== true;
  });
  const missing = [
    ...Object.entries(attributes).filter(([name, { required }]) => required === true && !given.has(name)),
    ...Object.entries(blocks).filter(([name, { min_items: least = 0 }]) => least > 0 && !given.has(name)),
  ].map(([name]) => name);
  const inside = Object.entries(blocks).flatMap(([name, nested]) =>
    z
      .array(z.record(z.string(), z.unknown()))
      .catch([])
      .parse(block[name])
      .flatMap((each) => check(each, nested.block, `${where}.${name}`)),
  );
  return [
    ...unknown.map((name) => `${where}: unknown argument ${name}`),
    ...readOnly.map((name) => `${where}: ${name} cannot be set`),
    ...missing.map((name) => `${where}: ${name} is missing`),
    ...inside,
  ];
}
