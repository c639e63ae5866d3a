// Refreshes test/fixtures/terraform-schemas: the part of each provider's schema that terraform/ uses.
//   node scripts/terraform-schemas.mjs <folder of a provider's schema>…
// A folder is either the unpacked npm package @cdktf/provider-<name>, or holds schema.json, written by `terraform providers schema -json`.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBindings } from "./lib/cdktf-schema.mjs";
import { root } from "./lib/paths.mjs";

const target = join(root, "test", "fixtures", "terraform-schemas");

for (const folder of process.argv.slice(2)) {
  const { name, version, schema } = readSchema(folder);
  mkdirSync(target, { recursive: true });
  const file = join(target, `${name}.json`);
  writeFileSync(file, `${JSON.stringify({ version, ...schema })}\n`);
  const count = Object.keys(schema.resource_schemas).length + Object.keys(schema.data_source_schemas).length;
  console.log(`${name} ${version}: ${count} kinds of resources and data sources`);
}

/** @param {string} folder */
function readSchema(folder) {
  const wanted = usedKinds();
  const file = join(folder, "schema.json");
  return existsSync(file) ? readProviderSchema(file, wanted) : readBindings(folder, wanted);
}

/**
 * @param {string} file
 * @param {import("./lib/cdktf-schema.mjs").Kinds} wanted
 */
function readProviderSchema(file, { resources, data }) {
  const document = JSON.parse(readFileSync(file, "utf8"));
  const source = Object.keys(document.provider_schemas)[0] ?? "";
  const schema = document.provider_schemas[source];
  const version = readdirSync(join(file, "..", ".terraform", "providers", ...source.split("/")))[0] ?? "";
  return {
    name: source.split("/").at(-1) ?? source,
    version,
    schema: {
      provider: { block: withoutProse(schema.provider.block) },
      resource_schemas: pick(schema.resource_schemas, resources),
      data_source_schemas: pick(schema.data_source_schemas, data),
    },
  };
}

/**
 * @param {Record<string, {block: unknown}>} schemas
 * @param {readonly string[]} names
 */
function pick(schemas, names) {
  return Object.fromEntries(
    names.flatMap((name) =>
      schemas[name] === undefined ? [] : [[name, { block: withoutProse(schemas[name].block) }]],
    ),
  );
}

/**
 * @param {unknown} value
 * @returns {unknown}
 */
function withoutProse(value) {
  if (Array.isArray(value)) return value.map(withoutProse);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(key.startsWith("description") && typeof inner === "string"))
      .map(([key, inner]) => [key, withoutProse(inner)]),
  );
}

/** The kinds of resources and data sources that terraform/ names. */
function usedKinds() {
  const folder = join(root, "terraform");
  const text = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith(".tf"))
    .map((path) => readFileSync(join(folder, path), "utf8"))
    .join("\n");
  const names = (/** @type {string} */ keyword) =>
    [...new Set([...text.matchAll(new RegExp(`^${keyword} "(\\w+)"`, "gm"))].map(([, name]) => String(name)))].sort();
  return { resources: names("resource"), data: names("data") };
}
