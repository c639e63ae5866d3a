// Writes a provider's schema, in the form of `terraform providers schema -json`, as the message GetProviderSchema.Response of
// Terraform's plugin protocol 5. Only the fields that Terraform needs to check a configuration are written.

/**
 * @typedef {{type?: unknown, required?: boolean, optional?: boolean, computed?: boolean, sensitive?: boolean}} Attribute
 * @typedef {{nesting_mode: string, min_items?: number, max_items?: number, block: Block}} NestedBlock
 * @typedef {{attributes?: Record<string, Attribute>, block_types?: Record<string, NestedBlock>}} Block
 * @typedef {{version?: number, block: Block}} Schema
 * @typedef {{provider: Schema, resource_schemas: Record<string, Schema>, data_source_schemas: Record<string, Schema>}} ProviderSchema
 */

const NESTING_MODES = ["invalid", "single", "list", "set", "map", "group"];

/**
 * @param {ProviderSchema} schema
 * @returns {Buffer}
 */
export function schemaMessage(schema) {
  return Buffer.concat([
    message(1, schemaOf(schema.provider)),
    ...Object.entries(schema.resource_schemas).map((entry) => mapEntry(2, entry)),
    ...Object.entries(schema.data_source_schemas).map((entry) => mapEntry(3, entry)),
  ]);
}

/**
 * @param {number} field
 * @param {[string, Schema]} entry
 */
function mapEntry(field, [name, schema]) {
  return message(field, Buffer.concat([text(1, name), message(2, schemaOf(schema))]));
}

/** @param {Schema} schema */
function schemaOf({ version = 0, block }) {
  return Buffer.concat([integer(1, version), message(2, blockOf(block))]);
}

/**
 * @param {Block} block
 * @returns {Buffer}
 */
function blockOf({ attributes = {}, block_types = {} }) {
  return Buffer.concat([
    ...Object.entries(attributes).map(([name, attribute]) => message(2, attributeOf(name, attribute))),
    ...Object.entries(block_types).map(([name, nested]) => message(3, nestedOf(name, nested))),
  ]);
}

/**
 * @param {string} name
 * @param {Attribute} attribute
 */
function attributeOf(name, { type, required, optional, computed, sensitive }) {
  return Buffer.concat([
    text(1, name),
    text(2, JSON.stringify(type)),
    integer(4, Number(required ?? false)),
    integer(5, Number(optional ?? false)),
    integer(6, Number(computed ?? false)),
    integer(7, Number(sensitive ?? false)),
  ]);
}

/**
 * @param {string} name
 * @param {NestedBlock} nested
 */
function nestedOf(name, { nesting_mode: mode, min_items = 0, max_items = 0, block }) {
  return Buffer.concat([
    text(1, name),
    message(2, blockOf(block)),
    integer(3, NESTING_MODES.indexOf(mode)),
    integer(4, min_items),
    integer(5, max_items),
  ]);
}

/**
 * @param {number} field
 * @param {number} value not negative
 */
function integer(field, value) {
  return value === 0 ? Buffer.alloc(0) : Buffer.from([...varint(field << 3), ...varint(value)]);
}

/**
 * @param {number} field
 * @param {string} value
 */
function text(field, value) {
  return message(field, Buffer.from(value));
}

/**
 * @param {number} field
 * @param {Buffer} bytes
 */
function message(field, bytes) {
  return Buffer.concat([Buffer.from([...varint((field << 3) | 2), ...varint(bytes.length)]), bytes]);
}

/**
 * @param {number} value
 * @returns {number[]}
 */
function varint(value) {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
