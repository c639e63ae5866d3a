import { parseConfig } from "../../shared/config/parse-config.ts";
import type { CloudEvent } from "../../shared/core/events.ts";
import { createSystemRandomness } from "../../shared/platforms/local/system.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import { createRuntime, type Runtime } from "../../shared/usecases/runtime.ts";
import { writeKubeconfig } from "./kubeconfig-file.ts";

export interface ClusterPlace {
  name: string;
  url: string;
  certificateAuthority: string;
  token: string;
}

export interface ClusterWorldOptions {
  /** A folder of this test's own. */
  folder: string;
  makeFolder(): Promise<string>;
  clusters: readonly ClusterPlace[];
  clock: Clock;
  /** More of genops.yaml. */
  yaml?: string;
}

export interface ClusterWorld {
  runtime: Runtime;
  /** What was published. */
  events: CloudEvent[];
}

/** `clusters:` of genops.yaml for test clusters, each by a kubeconfig of its own in the folder. */
export async function clustersYaml(
  makeFolder: () => Promise<string>,
  clusters: readonly ClusterPlace[],
): Promise<string> {
  if (clusters.length === 0) return "allowStaticCredentials: true\n";
  const lines = await Promise.all(
    clusters.map(async ({ name, url, certificateAuthority, token }) => {
      const file = await writeKubeconfig(await makeFolder(), { server: url, certificateAuthority, user: { token } });
      return `  - { name: ${name}, provider: kubeconfig, kubeconfig: ${JSON.stringify(file)} }\n`;
    }),
  );
  return `allowStaticCredentials: true\nclusters:\n${lines.join("")}`;
}

/** A runtime with its own lake that knows these clusters. */
export async function createClusterWorld(options: ClusterWorldOptions): Promise<ClusterWorld> {
  const { folder, makeFolder, clusters, clock, yaml = "" } = options;
  const text = `lake: file:./lake\n${await clustersYaml(makeFolder, clusters)}${yaml}`;
  const events: CloudEvent[] = [];
  const runtime = await createRuntime({
    config: parseConfig(text, { fileName: "genops.yaml", baseDir: folder, secrets: { read: () => undefined } }),
    clock,
    environment: {},
    randomness: createSystemRandomness(),
    events: { publish: async (event) => void events.push(event) },
    progress: { report: () => {}, note: () => {} },
    createTempFolder: makeFolder,
  });
  return { runtime, events };
}
