import { type ChildProcess, fork } from "node:child_process";
import { Agent, request } from "node:https";
import { fileURLToPath } from "node:url";
import { createKubeClient } from "../../shared/clusters/connections/kube-client.ts";
import { isTree } from "../../shared/clusters/connections/objects.ts";
import type { KubeClient, KubeObject } from "../../shared/clusters/connections/types.ts";
import { inParallel } from "../../shared/core/in-parallel.ts";
import { createSystemClock, createSystemRandomness } from "../../shared/platforms/local/system.ts";
import { printApplyBench } from "./enforce-apply.ts";

const PATCHES = 1_000;
const AT_ONCE = 32;
const LATENCY_MS = 20;
const REPETITIONS = 7;
const REAL_REPETITIONS = 3;
/** No client with 32 requests in flight can be faster. */
const FLOOR_MS = (PATCHES / AT_ONCE) * LATENCY_MS;

interface Place {
  port: number;
  certificateAuthority: string;
}

/** Prints what 1,000 merge patches take through our client, and through a loop over `node:https` that does nothing else. */
export async function printEnforceBench(print: (line: string) => void): Promise<void> {
  const server = fork(fileURLToPath(new URL("patch-server.ts", import.meta.url)));
  try {
    const place = await placeOf(server);
    const times = { cold: [] as number[], warm: [] as number[], bare: [] as number[] };
    for (let repetition = 0; repetition <= REPETITIONS; repetition++) {
      const patch = openClient(place);
      const cold = await timed(() => patchAll(patch));
      const warm = await timed(() => patchAll(patch));
      const bare = await benchBare(place);
      if (repetition === 0) continue; // warms up the compiler
      times.cold.push(cold);
      times.warm.push(warm);
      times.bare.push(bare);
    }
    print(
      `${PATCHES} merge patches, server of ${LATENCY_MS} ms, ${AT_ONCE} at once; floor ${FLOOR_MS} ms (aim: 1.5 × or less)`,
    );
    print(line("our client, first use (connections, discovery)", times.cold));
    print(line("our client, connected", times.warm));
    print(line("bare node:https loop, connected", times.bare));
  } finally {
    server.disconnect();
  }
  await printApplyBench(print, PATCHES, FLOOR_MS);
}

function line(name: string, times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const [low = 0, middle = 0, high = 0] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)];
  const spread = `${low.toFixed(0)} – ${high.toFixed(0)} ms`;
  return `  ${name.padEnd(48)} ${middle.toFixed(0)} ms (${(middle / FLOOR_MS).toFixed(2)} ×), ${spread}`;
}

function placeOf(server: ChildProcess): Promise<Place> {
  return new Promise((resolve, reject) => {
    server.once("message", (message) => resolve(message as Place));
    server.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
}

type Patch = (index: number) => Promise<unknown>;

const TRAINER = { apiVersion: "apps/v1", kind: "Deployment", namespace: "ml" } as const;

function openClient({ port, certificateAuthority }: Place): Patch {
  const client = clientOf(`https://127.0.0.1:${port}`, certificateAuthority, "bench");
  const when = { uid: "8b4b9f0e-0000-4000-8000-000000000001", resourceVersion: "123456" };
  return (index) => client.mergePatch({ ...TRAINER, name: `trainer-${index}` }, patchBody("x"), when);
}

function patchBody(step: string) {
  return {
    metadata: { annotations: { "genops.ai/enforcement": step, "genops.ai/original": "{}" } },
    spec: { replicas: 0 },
  };
}

function clientOf(server: string, certificateAuthority: string, token: string): KubeClient {
  return createKubeClient({
    cluster: "bench",
    access: { server, certificateAuthority, token: async () => ({ value: token, expiresAt: new Date(8.64e15) }) },
    clock: createSystemClock(),
    randomness: createSystemRandomness(),
    version: "bench",
    runId: "bench",
  });
}

/** The same on a real control plane on this machine, which shares the processors with us: patches of 1,000 Deployments that it has. */
export async function printRealEnforceBench(print: (line: string) => void): Promise<void> {
  const { startControlPlane } = await import("../support/control-planes.ts");
  const cluster = await startControlPlane({ name: "bench" });
  try {
    const client = clientOf(cluster.server, cluster.ca, cluster.tokens.admin);
    await client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: TRAINER.namespace } });
    const names = Array.from({ length: PATCHES }, (_, index) => `trainer-${index}`);
    const made = await timed(() => inParallel(names, AT_ONCE, (name) => client.apply(sleeper(name))));
    print(`Kubernetes ${cluster.version}: ${PATCHES} Deployments made in ${made.toFixed(0)} ms`);
    const times: number[] = [];
    const ownCpu: number[] = [];
    for (let repetition = 0; repetition < REAL_REPETITIONS; repetition++) {
      const read = await settled(client);
      const patch = async ({ metadata: { name, uid = "", resourceVersion = "" } }: KubeObject) =>
        client.mergePatch({ ...TRAINER, name }, patchBody(`step-${repetition}`), { uid, resourceVersion });
      const before = process.cpuUsage();
      times.push(await timed(() => Promise.all(read.map(patch))));
      const { user, system } = process.cpuUsage(before);
      ownCpu.push((user + system) / 1000);
    }
    print(line(`${PATCHES} merge patches`, times));
    print(line("of that our own processor time", ownCpu));
  } finally {
    await cluster.stop();
  }
}

/** Once their controller has seen all of them: it writes their status. */
async function settled(client: KubeClient): Promise<readonly KubeObject[]> {
  for (;;) {
    const read = await client.list(TRAINER.apiVersion, TRAINER.kind, { namespace: TRAINER.namespace });
    if (read.every(isSeen)) return read;
    await createSystemClock().sleep(2_000);
  }
}

function isSeen({ metadata, status }: KubeObject): boolean {
  return isTree(status) && status["observedGeneration"] === metadata.generation;
}

/** No pods: what is measured is the API server. */
function sleeper(name: string): KubeObject {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "registry.example/c:1" }] } };
  return {
    apiVersion: TRAINER.apiVersion,
    kind: TRAINER.kind,
    metadata: { name, namespace: TRAINER.namespace },
    spec: { replicas: 0, paused: true, selector: { matchLabels: labels }, template },
  };
}

/** All are handed over at once: the client's own gate keeps 32 in flight. */
function patchAll(patch: Patch): Promise<unknown> {
  return Promise.all(Array.from({ length: PATCHES }, (_, index) => patch(index)));
}

/** Connected first, as our second round is. */
async function benchBare({ port, certificateAuthority }: Place): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE, ca: certificateAuthority });
  const body = JSON.stringify({ metadata: { uid: "x", resourceVersion: "1" }, spec: { replicas: 0 } });
  const send = () =>
    new Promise<void>((resolve, reject) => {
      const headers = { "content-type": "application/merge-patch+json", "content-length": String(body.length) };
      const outgoing = request({ host: "127.0.0.1", port, path: "/x", method: "PATCH", agent, headers }, (incoming) => {
        incoming.resume();
        incoming.on("end", resolve);
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  const indices = Array.from({ length: PATCHES }, (_, index) => index);
  await inParallel(indices.slice(0, AT_ONCE), AT_ONCE, send);
  const ms = await timed(() => inParallel(indices, AT_ONCE, send));
  agent.destroy();
  return ms;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
