import * as yaml from "yaml";
import { fieldName, type Path, type Problems } from "./problems.ts";
import { suggest, unknownKey } from "./suggest.ts";
import {
  embeddedOrigin,
  entriesOf,
  readYamlDocuments,
  scalarText,
  type YamlDocument,
  type YamlEntry,
} from "./yaml-document.ts";

/** The guide's blocks that later capabilities read; until then they are kept as written (`Config.extensions`). */
export const EXTENSION_KEYS = [
  "multicloud",
  "geoRouting",
  "workload_types",
  "dataTansfer",
  "dataTransfer",
  "rules",
] as const;

/** Top-level blocks that a ConfigMap of the guide may carry. */
const GUIDE_KEYS: readonly string[] = ["budgets", ...EXTENSION_KEYS];

/** A top-level key of the configuration with the document it stands in. */
export interface Block extends YamlEntry {
  document: YamlDocument;
}

/**
 * What a Kubernetes document has to say to GenOps.
 * - `blocks`: a ConfigMap whose data holds blocks of the guide.
 * - `manifest`: any other Kubernetes document; kept, not read.
 */
export type GuideDocument = { kind: "blocks"; blocks: Block[] } | { kind: "manifest" };

/**
 * Reads a document of the guide (`reference/multicloud-guide.md`): a Kubernetes ConfigMap whose data holds YAML texts. `undefined`
 * when the document is no Kubernetes document. A misspelt block inside a ConfigMap is a problem; data that is not ours
 * (`fluentd.conf`, `prometheus.yml`) is none.
 */
export function readGuideDocument(document: YamlDocument, problems: Problems): GuideDocument | undefined {
  const { root } = document;
  if (!yaml.isMap(root) || !root.has("apiVersion") || !root.has("kind")) return undefined;
  if (root.get("kind") !== "ConfigMap") return { kind: "manifest" };
  const data = root.get("data");
  if (!yaml.isMap(data)) return { kind: "manifest" };
  const blocks = entriesOf(data, document, ["data"], problems).flatMap((entry) => readData(entry, document, problems));
  return blocks.length === 0 ? { kind: "manifest" } : { kind: "blocks", blocks };
}

function readData({ key, node }: YamlEntry, document: YamlDocument, problems: Problems): Block[] {
  if (!yaml.isScalar(node) || typeof node.value !== "string") return [];
  const path = ["data", key];
  const text = scalarText(node);
  const startsLikeOurs = GUIDE_KEYS.some((ours) => new RegExp(`^["']?${ours}["']?\\s*:`, "m").test(text));
  if (!/\.ya?ml$/.test(key) && !startsLikeOurs) return [];
  const syntax = startsLikeOurs ? problems : quiet;
  const inner = readYamlDocuments(text, embeddedOrigin(node, document), syntax);
  return inner.flatMap((each) => readBlocks(each, entriesIn(each, syntax), path, problems));
}

function entriesIn(document: YamlDocument, problems: Problems): YamlEntry[] {
  return yaml.isMap(document.root) ? entriesOf(document.root, document, [], problems) : [];
}

function readBlocks(document: YamlDocument, entries: readonly YamlEntry[], path: Path, problems: Problems): Block[] {
  const ours = entries.filter(({ key }) => GUIDE_KEYS.includes(key));
  for (const { key, line } of entries) {
    const misspelt = ours.length > 0 || suggest(key, GUIDE_KEYS) !== undefined;
    if (misspelt && !GUIDE_KEYS.includes(key)) {
      problems.add({ message: `${unknownKey(key, GUIDE_KEYS)} in ${fieldName(path)}`, path: [key], line });
    }
  }
  return ours.map((entry) => ({ ...entry, document }));
}

/** For texts that may be anything. */
const quiet: Problems = { add: () => {}, throwIfAny: () => {} };
