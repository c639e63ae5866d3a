import * as yaml from "yaml";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import { refusedHere } from "./errors.ts";
import { isKubeObject, isTree } from "./objects.ts";
import { matchesFields, matchesLabels } from "./selectors.ts";
import type { KubeClient, KubeObject, ObjectName, Resource } from "./types.ts";

export interface SnapshotOptions {
  cluster: string;
  /** For messages. */
  file: string;
  /** Kubernetes objects or Lists of them: one JSON document, or YAML documents. */
  text: string;
  dryRun?: boolean | undefined;
}

const READS = ["get", "list", "watch"];

/** A cluster as it lies in a file (`kubectl get … -o json`): it can be read and planned on. Every write is `refused`; lists of a kind that it has nothing of are empty. */
export function createSnapshotClient({ cluster, file, text, dryRun = false }: SnapshotOptions): KubeClient {
  const objects = readSnapshot(text, file);
  const ofKind = (apiVersion: string, kind: string) =>
    objects.filter((each) => each.apiVersion === apiVersion && each.kind === kind);
  const refuse = async (): Promise<never> => {
    throw refusedHere(
      cluster,
      `${cluster} is a snapshot (${file}): it can be planned on, and nothing is written to it`,
    );
  };
  return {
    cluster,
    dryRun,
    async resource(apiVersion, kind) {
      const found = ofKind(apiVersion, kind);
      return found.length === 0 ? undefined : resourceOf(apiVersion, kind, found);
    },
    version: async () => "snapshot",
    async get(name) {
      return ofKind(name.apiVersion, name.kind).find((each) => isCalled(each, name));
    },
    async list(apiVersion, kind, { namespace, labelSelector = "", fieldSelector = "" } = {}) {
      return ofKind(apiVersion, kind).filter(
        (each) =>
          (namespace === undefined || each.metadata.namespace === namespace) &&
          matchesLabels(each.metadata.labels ?? {}, labelSelector) &&
          matchesFields(each, fieldSelector),
      );
    },
    mergePatch: refuse,
    apply: refuse,
    scale: refuse,
    delete: refuse,
    evict: refuse,
    mayI: async ({ verb }) => READS.includes(verb),
  };
}

function isCalled({ metadata }: KubeObject, { name, namespace }: ObjectName): boolean {
  return metadata.name === name && (metadata.namespace === undefined || metadata.namespace === namespace);
}

/** Kinds in a file have no plural; Kubernetes' own follow the rules of English. */
function resourceOf(apiVersion: string, kind: string, objects: readonly KubeObject[]): Resource {
  const name = kind.toLowerCase();
  const plural = /(s|x|ch|sh)$/.test(name) ? `${name}es` : name.endsWith("y") ? `${name.slice(0, -1)}ies` : `${name}s`;
  return { apiVersion, kind, plural, namespaced: objects.some(({ metadata }) => metadata.namespace !== undefined) };
}

/** All objects of a file, those of Lists too. Throws `refused` with the document's number. */
export function readSnapshot(text: string, file: string): KubeObject[] {
  const documents = text.trimStart().startsWith("{") ? [parseJson(text, file)] : parseYaml(text, file);
  return documents.flatMap((document, index) => {
    if (document === null) return [];
    const found = objectsIn(document);
    if (found !== undefined) return found;
    throw refuseFile(file, `document ${index + 1} is neither a Kubernetes object nor a List of them`);
  });
}

function objectsIn(document: unknown): KubeObject[] | undefined {
  if (!isTree(document)) return undefined;
  const { items, apiVersion, kind } = document;
  if (!Array.isArray(items)) return isKubeObject(document) ? [document] : undefined;
  // The items of a DeploymentList do not say what they are.
  const own = typeof kind === "string" && kind !== "List" ? { apiVersion, kind: kind.replace(/List$/, "") } : {};
  const found = items.flatMap((item: unknown) => {
    const object: unknown = isTree(item) ? { ...own, ...item } : item;
    return isKubeObject(object) ? [object] : [];
  });
  return found.length === items.length ? found : undefined;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refuseFile(file, `not JSON: ${messageOf(error)}`);
  }
}

function parseYaml(text: string, file: string): unknown[] {
  // Aliases are not needed in Kubernetes' files and can blow up small ones.
  return yaml.parseAllDocuments(text).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw refuseFile(file, `not YAML: ${error.message.split("\n")[0] ?? ""}`);
    try {
      return document.toJS({ maxAliasCount: 0 }) as unknown;
    } catch (cause) {
      throw refuseFile(file, `not YAML for Kubernetes: ${messageOf(cause)}`);
    }
  });
}

function refuseFile(file: string, message: string): GenOpsError {
  return new GenOpsError("refused", message, { place: { file } });
}
