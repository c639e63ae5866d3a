import { existsSync, readFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { join } from "node:path";

/**
 * @typedef {{resources: readonly string[], data: readonly string[]}} Kinds
 * @typedef {import("../../test/terraform/stand-in/schema-message.mjs").Attribute} Attribute
 * @typedef {import("../../test/terraform/stand-in/schema-message.mjs").NestedBlock} NestedBlock
 * @typedef {import("../../test/terraform/stand-in/schema-message.mjs").Block} Block
 * @typedef {{[name: string]: Field}} Fields
 * @typedef {{isBlock: boolean, type: string, storageClassType: string, value: Fields}} Field
 */

/**
 * Reads a provider's schema off its published CDKTF bindings, which are generated from that schema: names, types, blocks and what is
 * required. Whether an optional attribute is also computed cannot be told from them; `ALSO_COMPUTED` names the usual ones.
 * @param {string} folder the unpacked npm package
 * @param {Kinds} wanted
 */
export function readBindings(folder, { resources, data }) {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const name = manifest.cdktf.provider.name.split("/").at(-1);
  const read = (/** @type {string} */ kind, prefix = "") => [kind, { block: readKind(folder, name, kind, prefix) }];
  const own = (/** @type {string} */ kind) => kind.startsWith(`${name}_`);
  return {
    name,
    version: manifest.cdktf.provider.version,
    schema: {
      provider: { block: readKind(folder, name, name, "") },
      resource_schemas: Object.fromEntries(resources.filter(own).map((kind) => read(kind))),
      data_source_schemas: Object.fromEntries(data.filter(own).map((kind) => read(kind, `data-${name}-`))),
    },
  };
}

const ALSO_COMPUTED = new Set(["id", "project", "region"]);

/**
 * @param {string} folder
 * @param {string} provider
 * @param {string} kind
 * @param {string} prefix
 * @returns {Block}
 */
function readKind(folder, provider, kind, prefix) {
  const short = kind === provider ? "provider" : kind.slice(provider.length + 1).replaceAll("_", "-");
  // A few names are prefixed, because they would be words of the language.
  const path = [`${prefix}${short}`, `${prefix}${provider}-${short}`].find((each) =>
    existsSync(join(folder, "lib", each)),
  );
  if (path === undefined) throw new Error(`${kind} is not in ${folder}`);
  const file = join(folder, "lib", path, "index.js");
  const bindings = withStubbedCdktf(() => createRequire(file)(file));
  const declarations = readFileSync(file.replace(/js$/, "d.ts"), "utf8");
  const code = readFileSync(file, "utf8");
  const [className, resource] = Object.entries(bindings).find(([, value]) => value.tfResourceType === kind) ?? [];
  if (className === undefined) throw new Error(`${file} has no class for ${kind}`);
  const fields = resource.prototype.synthesizeHclAttributes.call(anything());
  return readBlock(fields, {
    declarations,
    code,
    interfaceName: `${className}Config`,
    className: kind === provider ? "" : className,
  });
}

/**
 * @param {Fields} fields
 * @param {{declarations: string, code: string, interfaceName: string, className: string}} where
 * @returns {Block}
 */
function readBlock(fields, where) {
  /** @type {Required<Block>} */
  const block = { attributes: {}, block_types: {} };
  for (const [name, field] of Object.entries(fields)) {
    const required = isRequired(where, name);
    if (field.isBlock) block.block_types[name] = nestedOf(field, required, where);
    else block.attributes[name] = attributeOf(name, field, required);
  }
  for (const [name, type] of computedAttributes(where)) {
    if (block.block_types[name] === undefined) block.attributes[name] ??= { type, computed: true };
  }
  return block;
}

/**
 * @param {string} name
 * @param {Field} field
 * @param {boolean} required
 * @returns {Attribute}
 */
function attributeOf(name, { type, storageClassType }, required) {
  const shape =
    type === "simple" ? scalar(storageClassType) : [type, elementOf(storageClassType.replace(/(List|Map)$/i, ""))];
  return {
    type: shape,
    ...(required ? { required } : { optional: true, ...(ALSO_COMPUTED.has(name) ? { computed: true } : {}) }),
  };
}

/**
 * @param {string} name as in `numberListList`, without its last word
 * @returns {unknown}
 */
function elementOf(name) {
  const [, inner, kind] = /^(\w+?)(List|Map)$/.exec(name) ?? [];
  return inner === undefined ? scalar(name) : [String(kind).toLowerCase(), elementOf(inner)];
}

/** @param {string} name */
function scalar(name) {
  return name === "boolean" ? "bool" : name;
}

/**
 * @param {Field} field
 * @param {boolean} required
 * @param {{declarations: string, code: string}} where
 * @returns {NestedBlock}
 */
function nestedOf({ type, storageClassType, value }, required, { declarations, code }) {
  const interfaceName = storageClassType.replace(/List$/, "");
  // Bindings take a block that may stand once as an object, and one that may be repeated as an array.
  const once = !new RegExp(`: ${interfaceName}\\[\\]|IResolvable \\| ${interfaceName}\\[\\]`).test(declarations);
  const block = readBlock(value, { declarations, code, interfaceName, className: `${interfaceName}OutputReference` });
  return {
    nesting_mode: type === "struct" ? "single" : type,
    ...(required ? { min_items: 1 } : {}),
    ...(once && type !== "struct" ? { max_items: 1 } : {}),
    block,
  };
}

/**
 * @param {{declarations: string, interfaceName: string}} where
 * @param {string} name
 */
function isRequired({ declarations, interfaceName }, name) {
  const body =
    new RegExp(`export interface ${interfaceName}\\b[^{]*\\{([\\s\\S]*?)\\n\\}`).exec(declarations)?.[1] ?? "";
  const property = name.replace(/_+(\w)/g, (_all, letter) => letter.toUpperCase());
  return new RegExp(`^\\s+readonly ${property}(Attribute)?:`, "m").test(body);
}

const GETTERS = {
  String: "string",
  Number: "number",
  Boolean: "bool",
  List: ["list", "string"],
  StringMap: ["map", "string"],
};

/**
 * Attributes that only the provider sets: getters of the class that holds what it answered.
 * @param {{code: string, className: string}} where
 * @returns {[string, unknown][]}
 */
function computedAttributes({ code, className }) {
  const body = new RegExp(`^class ${className} [\\s\\S]*?^\\}`, "m").exec(code)?.[0] ?? "";
  const getters = body.matchAll(/return (?:cdktf\.\w+\()?this\.get(\w+)Attribute\('(\w+)'\)/g);
  return [...getters].flatMap(([, kind, name]) => {
    const type = GETTERS[/** @type {keyof typeof GETTERS} */ (kind)];
    return type === undefined || name === undefined ? [] : [/** @type {[string, unknown]} */ ([name, type])];
  });
}

/**
 * Runs with a `cdktf` whose functions describe a field instead of rendering it.
 * @template T
 * @param {() => T} work
 * @returns {T}
 */
function withStubbedCdktf(work) {
  const loader = /** @type {{_load: (id: string, ...rest: unknown[]) => unknown}} */ (/** @type {unknown} */ (Module));
  const original = loader._load;
  loader._load = (id, ...rest) => (id === "cdktf" ? CDKTF : original(id, ...rest));
  try {
    return work();
  } finally {
    loader._load = original;
  }
}

const simple = () => ({});
const mapper = (/** @type {(value: unknown) => Fields} */ render) => () => render(anything());

const CDKTF = new Proxy(
  {
    canInspect: () => true,
    isComplexElement: () => false,
    Tokenization: { isResolvable: () => false },
    listMapperHcl: mapper,
    hashMapperHcl: mapper,
  },
  {
    get: (known, name) => {
      if (name in known) return known[/** @type {keyof typeof known} */ (name)];
      return String(name).endsWith("ToHclTerraform") ? simple : class {};
    },
  },
);

/** Stands for any object: each of its properties is one, too. */
function anything() {
  /** @type {unknown} */
  const proxy = new Proxy({}, { get: (_target, name) => (name === Symbol.toPrimitive ? () => "" : proxy) });
  return proxy;
}
