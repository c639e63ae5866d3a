import { isTree } from "../tree.ts";

/** What an expression runs into: a key that is not there, a type that does not fit. `failurePolicy` says what it means. */
export class CelError extends Error {}

export function celType(value: unknown): string {
  if (value === null) return "null_type";
  return Array.isArray(value) ? "list" : isTree(value) ? "map" : typeof value;
}

export function truth(value: unknown): boolean {
  if (typeof value !== "boolean") throw new CelError(`no such overload: ${celType(value)} is no bool`);
  return value;
}

export function member(value: unknown, field: string): unknown {
  const found = isTree(value) ? value[field] : undefined;
  if (found === undefined) throw new CelError(`no such key: ${field}`);
  return found;
}

export function indexed(value: unknown, key: unknown): unknown {
  if (!Array.isArray(value)) return member(value, String(key));
  const found: unknown = typeof key === "number" ? value[key] : undefined;
  if (found === undefined) throw new CelError(`index out of bounds: ${String(key)}`);
  return found;
}

export function compare(left: unknown, right: unknown): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string") return left < right ? -1 : left > right ? 1 : 0;
  throw new CelError(`no such overload: ${celType(left)} and ${celType(right)} have no order`);
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new CelError(`no such overload: ${celType(value)} is no string`);
  return value;
}

function sizeOf(value: unknown): number {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  if (isTree(value)) return Object.keys(value).length;
  throw new CelError(`no such overload: size(${celType(value)})`);
}

function whole(value: unknown): number {
  const read = Number(value);
  if (value === "" || !Number.isFinite(read)) throw new CelError(`type conversion error: int(${String(value)})`);
  return Math.trunc(read);
}

const FUNCTIONS: Readonly<Record<string, (...values: unknown[]) => unknown>> = {
  size: sizeOf,
  int: whole,
  string: String,
  startsWith: (value, part) => text(value).startsWith(text(part)),
  endsWith: (value, part) => text(value).endsWith(text(part)),
  contains: (value, part) => text(value).includes(text(part)),
  matches: (value, pattern) => new RegExp(text(pattern)).test(text(value)),
};

export function callFunction(name: string, values: readonly unknown[]): unknown {
  const work = FUNCTIONS[name];
  if (work === undefined) throw new Error(`the fake server knows no CEL function ${name}`);
  return work(...values);
}
