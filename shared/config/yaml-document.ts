import * as yaml from "yaml";
import type { Path, Problems } from "./problems.ts";

const MAX_DEPTH = 64;
/** Aliases can make a small file large: no configuration has this many values. */
const MAX_VALUES = 200_000;

/** How a YAML document becomes values: `text` fills in references, `written` keeps plain values as YAML has them. */
export type ReadMode = { kind: "text"; interpolate: (text: string, path: Path) => string } | { kind: "written" };

/** A key of a mapping and its value, not read yet. */
export interface YamlEntry {
  key: string;
  line: number;
  node: yaml.Node | null;
}

/** One document of a YAML text, with the lines of everything in it. */
export interface YamlDocument {
  root: yaml.Node | null;
  parsed: yaml.Document;
  lineOf(node: yaml.Node | null): number;
}

/** Where a value stands, and how it is written there when it is a scalar. */
export interface Spot {
  line: number;
  written?: string;
}

/** Values read from YAML with the spot of each, by `pathKey`. */
export type Spots = Map<string, Spot>;

export function pathKey(path: Path): string {
  return JSON.stringify(path);
}

/** Line numbers start at `firstLine` and stay there when `oneLine` (a text folded out of several lines). */
export interface LineOrigin {
  firstLine: number;
  oneLine: boolean;
}

/** Splits a YAML 1.2 text into its documents. Syntax errors become problems; the documents are then of no use. */
export function readYamlDocuments(text: string, origin: LineOrigin, problems: Problems): YamlDocument[] {
  const counter = new yaml.LineCounter();
  const lineAt = (offset: number) => origin.firstLine + (origin.oneLine ? 0 : counter.linePos(offset).line - 1);
  const parsed = yaml.parseAllDocuments(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false });
  if (!Array.isArray(parsed)) return [];
  return parsed.map((document) => {
    // One error per document: the others follow from it.
    const [error] = [...document.errors, ...document.warnings];
    if (error !== undefined)
      problems.add({ message: syntaxMessage(error, text), path: [], line: lineAt(error.pos[0]) });
    return {
      root: document.contents,
      parsed: document,
      lineOf: (node) => lineAt(node?.range?.[0] ?? 0),
    };
  });
}

/** What the parser says, without the piece of text that it quotes (it may be a password). */
function syntaxMessage(error: yaml.YAMLError, text: string): string {
  const said = error.message.replace(/:? ".*$/s, "");
  const line = text.slice(text.lastIndexOf("\n", error.pos[0]) + 1).split("\n", 1)[0] ?? "";
  const hint = /[{,[].*\$\{/.test(line) ? `; between { } or [ ] a \${…} needs quotes around it` : "";
  return `not valid YAML: ${said}${hint}`;
}

/** Keys of a mapping as text, numbers as they are written (`0123` stays `0123`). Duplicate and composite keys are problems. */
export function entriesOf(map: yaml.YAMLMap, document: YamlDocument, path: Path, problems: Problems): YamlEntry[] {
  const lines = new Map<string, number>();
  const refuse = (message: string, at: Path, line: number): YamlEntry[] => {
    problems.add({ message, path: at, line });
    return [];
  };
  return map.items.flatMap(({ key: keyNode, value }) => {
    const line = document.lineOf(yaml.isNode(keyNode) ? keyNode : map);
    const key = keyText(keyNode, document);
    if (key === undefined) return refuse("expected a key of plain text", path, line);
    if (key === "__proto__") return refuse('unknown key "__proto__"', path, line);
    const before = lines.get(key);
    lines.set(key, before ?? line);
    if (before === undefined) return [{ key, line, node: yaml.isNode(value) ? value : null }];
    return refuse(`key ${JSON.stringify(key)} stands twice, first in line ${before}`, [...path, key], line);
  });
}

function keyText(node: unknown, document: YamlDocument): string | undefined {
  const target = yaml.isAlias(node) ? node.resolve(document.parsed) : node;
  return yaml.isScalar(target) && target.value !== null ? scalarText(target) : undefined;
}

/** Reads nodes of one document into values, remembering the spot of each. */
export function createNodeReader(document: YamlDocument, mode: ReadMode, spots: Spots, problems: Problems) {
  let values = 0;
  const targets = new Map<yaml.Alias, yaml.Node | null>();

  function read(node: yaml.Node | null, path: Path, line: number): unknown {
    values += 1;
    if (path.length > MAX_DEPTH || values > MAX_VALUES) {
      const message = "too deeply nested or too large for a configuration";
      problems.add({ message, path: path.slice(0, 1), line: undefined });
      problems.throwIfAny();
      return undefined;
    }
    if (yaml.isAlias(node)) return read(targetOf(node), path, line);
    if (yaml.isScalar(node)) return readScalar(node, path, line);
    spots.set(pathKey(path), { line });
    if (yaml.isMap(node)) return readMap(node, path);
    if (yaml.isSeq(node)) return node.items.map((item, index) => readItem(item, [...path, index], line));
    return null;
  }

  /** The parser looks for an anchor through the whole document: once per alias is enough. */
  function targetOf(alias: yaml.Alias): yaml.Node | null {
    const target = targets.get(alias) ?? alias.resolve(document.parsed) ?? null;
    targets.set(alias, target);
    return target;
  }

  function readItem(item: unknown, path: Path, line: number): unknown {
    const node = yaml.isNode(item) ? item : null;
    return read(node, path, node === null ? line : document.lineOf(node));
  }

  function readMap(map: yaml.YAMLMap, path: Path): Record<string, unknown> {
    const entries = entriesOf(map, document, path, problems);
    return Object.fromEntries(entries.map(({ key, line, node }) => [key, read(node, [...path, key], line)]));
  }

  function readScalar(scalar: yaml.Scalar, path: Path, line: number): unknown {
    spots.set(pathKey(path), { line, written: scalarText(scalar) });
    if (mode.kind === "written") return scalar.value;
    if (scalar.value === null || typeof scalar.value === "boolean") return scalar.value;
    return mode.interpolate(scalarText(scalar), path);
  }

  return read;
}

/** The characters of a scalar: numbers exactly as they are written, so that no digit of an amount or an id is lost. */
export function scalarText(scalar: yaml.Scalar): string {
  return typeof scalar.value === "string" ? scalar.value : (scalar.source ?? String(scalar.value));
}

/** Where the lines of a YAML text inside a scalar stand in the file around it. */
export function embeddedOrigin(scalar: yaml.Scalar, document: YamlDocument): LineOrigin {
  const line = document.lineOf(scalar);
  return scalar.type === "BLOCK_LITERAL" ? { firstLine: line + 1, oneLine: false } : { firstLine: line, oneLine: true };
}
