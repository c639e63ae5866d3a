import * as yaml from "yaml";
import type { Secrets } from "../ports/secrets.ts";
import { toAlertsConfig } from "./alerts.ts";
import { toAllocationConfig } from "./allocation.ts";
import { toAnomalyConfig } from "./anomalies.ts";
import { toClusters } from "./clusters.ts";
import { ConfigFile } from "./config-file.ts";
import { toCredentialsConfig } from "./credentials.ts";
import { wrongReferences } from "./cross-references.ts";
import { describeIssues } from "./describe-issues.ts";
import { toEnforcementConfig } from "./enforcement.ts";
import { expandBudgets } from "./expand-budgets.ts";
import { type Block, EXTENSION_KEYS, readGuideDocument } from "./guide.ts";
import { interpolate } from "./interpolate.ts";
import { toHomeLakes } from "./lakes.ts";
import { toLedgerConfig } from "./ledger.ts";
import { toNotificationConfig } from "./notifications.ts";
import { createProblems, type Path, type Problems } from "./problems.ts";
import { toReconcileConfig } from "./reconcile.ts";
import { toSignInConfig } from "./sign-in.ts";
import { findStaticCredentials, INSTEAD } from "./static-credentials.ts";
import type { Config } from "./types.ts";
import {
  createNodeReader,
  entriesOf,
  pathKey,
  readYamlDocuments,
  type Spots,
  type YamlDocument,
} from "./yaml-document.ts";

export interface ConfigContext {
  /** How messages name the file. */
  fileName: string;
  /** Folder that relative paths in the file refer to. */
  baseDir: string;
  secrets: Secrets;
}

/**
 * Reads `genops.yaml`: one or several YAML documents, each a part of the configuration or a Kubernetes ConfigMap of the guide.
 * Throws one `config` error that names every problem with line, field and what was expected; it never holds a secret's value.
 */
export function parseConfig(text: string, context: ConfigContext): Config {
  const problems = createProblems(context.fileName);
  const documents = readYamlDocuments(text, { firstLine: 1, oneLine: false }, problems);
  problems.throwIfAny();
  const { blocks, manifests } = collectBlocks(documents, problems);
  const spots: Spots = new Map([[pathKey([]), { line: 1 }]]);
  const written = readBlocks(blocks, spots, context.secrets, problems);
  if (written["allowStaticCredentials"] !== true) refuseStatic([{ value: written, spots }, ...manifests], problems);
  const parsed = ConfigFile.safeParse(written);
  if (!parsed.success) for (const problem of describeIssues(parsed.error.issues, spots)) problems.add(problem);
  for (const { message, path } of wrongReferences(parsed.data ?? {}))
    problems.add({ message, path, line: spots.get(pathKey(path))?.line });
  problems.throwIfAny();
  return toConfig(
    parsed.data ?? {},
    manifests.map(({ value }) => value),
    context.baseDir,
  );
}

/** Keys are refused wherever they stand, also those that a reference has filled in. */
function refuseStatic(parts: readonly ReadValue[], problems: Problems): void {
  for (const { value, spots } of parts) {
    for (const { path, what } of findStaticCredentials(value)) {
      problems.add({ message: `${what} is not accepted here: ${INSTEAD}`, path, line: spots.get(pathKey(path))?.line });
    }
  }
}

interface ReadValue {
  value: unknown;
  spots: Spots;
}

interface Collected {
  blocks: Block[];
  /** Kubernetes documents that are not ours, as written. */
  manifests: ReadValue[];
}

function collectBlocks(documents: readonly YamlDocument[], problems: Problems): Collected {
  const read = documents.map((document) => ({ document, guide: readGuideDocument(document, problems) }));
  const all = read.flatMap(({ document, guide }) => {
    if (guide === undefined) return blocksOf(document, problems);
    return guide.kind === "blocks" ? guide.blocks : [];
  });
  const manifests = read.filter(({ guide }) => guide?.kind === "manifest");
  return {
    blocks: refuseRepeated(all, problems),
    manifests: manifests.map(({ document }) => readManifest(document, problems)),
  };
}

function refuseRepeated(blocks: readonly Block[], problems: Problems): Block[] {
  const first = new Map<string, Block>();
  for (const block of blocks) {
    const before = first.get(block.key);
    first.set(block.key, before ?? block);
    if (before === undefined) continue;
    const message = `${JSON.stringify(block.key)} stands in two documents, first in line ${before.line}`;
    problems.add({ message, path: [block.key], line: block.line });
  }
  return [...first.values()];
}

function blocksOf(document: YamlDocument, problems: Problems): Block[] {
  const { root } = document;
  if (root === null || (yaml.isScalar(root) && root.value === null)) return [];
  if (yaml.isMap(root)) return entriesOf(root, document, [], problems).map((entry) => ({ ...entry, document }));
  problems.add({ message: "expected a mapping with sources, budgets, …", path: [], line: document.lineOf(root) });
  return [];
}

function readManifest(document: YamlDocument, problems: Problems): ReadValue {
  const spots: Spots = new Map();
  return { value: createNodeReader(document, { kind: "written" }, spots, problems)(document.root, [], 1), spots };
}

function readBlocks(
  blocks: readonly Block[],
  spots: Spots,
  secrets: Secrets,
  problems: Problems,
): Record<string, unknown> {
  const extensionKeys: readonly string[] = EXTENSION_KEYS;
  const fill = (text: string, path: Path): string => {
    const filled = interpolate(text, secrets);
    if ("text" in filled) return filled.text;
    problems.add({ message: filled.problem, path, line: spots.get(pathKey(path))?.line });
    return "";
  };
  return Object.fromEntries(
    blocks.flatMap(({ key, line, node, document }) => {
      if (node === null || (yaml.isScalar(node) && node.value === null)) return keepEmpty(key, line, spots);
      const mode = extensionKeys.includes(key)
        ? ({ kind: "written" } as const)
        : ({ kind: "text", interpolate: fill } as const);
      return [[key, createNodeReader(document, mode, spots, problems)(node, [key], line)]];
    }),
  );
}

/** `sources:` with everything below it commented out means the default. An unknown key stays an error. */
function keepEmpty(key: string, line: number, spots: Spots): [string, unknown][] {
  spots.set(pathKey([key]), { line });
  return Object.hasOwn(ConfigFile.shape, key) ? [] : [[key, null]];
}

const SETTLED_AFTER_DAYS = { aws: 2, azure: 3, gcp: 3, default: 3 };

/** What is beside the bills: clusters, people, other clouds. */
function toOutsideConfig(
  file: ConfigFile,
): Pick<Config, "clusters" | "enforcement" | "notifications" | "credentials" | "allowStaticCredentials" | "alerts"> {
  return {
    clusters: toClusters(file.clusters ?? []),
    enforcement: toEnforcementConfig(file.enforcement ?? {}),
    notifications: toNotificationConfig(file.notifications ?? {}),
    ...(file.signIn === undefined ? {} : { signIn: toSignInConfig(file.signIn) }),
    credentials: toCredentialsConfig(file.credentials ?? {}),
    allowStaticCredentials: file.allowStaticCredentials ?? false,
    alerts: toAlertsConfig(file.alerts ?? {}),
  };
}

function toConfig(file: ConfigFile, manifests: readonly unknown[], baseDir: string): Config {
  const report = file.currency?.report ?? "USD";
  const extensions = EXTENSION_KEYS.filter((key) => file[key] !== undefined).map((key) => [key, file[key]]);
  return {
    lake: file.lake ?? "file:./lake",
    lakes: toHomeLakes(file.lakes ?? {}),
    engine: "duckdb",
    currency: { ...file.currency, report },
    sources: file.sources ?? [],
    allocation: toAllocationConfig(file.allocation ?? {}),
    budgets: expandBudgets(file.budgets ?? {}, report),
    anomalies: toAnomalyConfig(file.anomalies ?? {}),
    settledAfterDays: { ...SETTLED_AFTER_DAYS, ...file.settledAfterDays },
    settledAsNamed: Object.keys(file.settledAfterDays ?? {}),
    ...toOutsideConfig(file),
    ledger: toLedgerConfig(file.ledger ?? {}),
    reconcile: toReconcileConfig(file.reconcile ?? {}),
    extensions: { ...Object.fromEntries(extensions), ...(manifests.length === 0 ? {} : { manifests }) },
    baseDir,
  };
}
