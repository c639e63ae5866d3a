import { add, type Decimal, max, ZERO } from "../../core/decimal.ts";
import type { KubeObject } from "../connections/types.ts";
import { listAt, textAt, valueAt } from "./fields.ts";
import { askedResources, devicesOf, type NodeGpus } from "./gpu-shares.ts";
import type { QuantityReader } from "./quantities.ts";
import type { Resources } from "./types.ts";

/** Resources as decimals, while they are added up. */
export interface Amounts {
  cpu: Decimal;
  memory: Decimal;
  gpu: Decimal;
}

export const NOTHING: Amounts = { cpu: ZERO, memory: ZERO, gpu: ZERO };

export function plus(a: Amounts, b: Amounts): Amounts {
  return { cpu: add(a.cpu, b.cpu), memory: add(a.memory, b.memory), gpu: add(a.gpu, b.gpu) };
}

function most(a: Amounts, b: Amounts): Amounts {
  return { cpu: max(a.cpu, b.cpu), memory: max(a.memory, b.memory), gpu: max(a.gpu, b.gpu) };
}

export function textsOf({ cpu, memory, gpu }: Amounts, quantities: QuantityReader): Resources {
  return { cpu: quantities.text(cpu), memory: quantities.text(memory), gpu: quantities.text(gpu) };
}

/** What one container asks for. */
export function containerRequests(container: unknown, gpus: NodeGpus, quantities: QuantityReader): Amounts {
  const asked = askedResources(container);
  return {
    cpu: quantities.read(asked["cpu"]),
    memory: quantities.read(asked["memory"]),
    gpu: devicesOf(asked, gpus, quantities),
  };
}

/**
 * What the scheduler keeps for a pod (or a pod template): its containers and sidecars together, or the greatest init container where that
 * is more; a request of the pod as a whole goes before; then its overhead.
 */
export function podRequests(spec: unknown, gpus: NodeGpus, quantities: QuantityReader): Amounts {
  let running = NOTHING;
  for (const container of listAt(spec, "containers"))
    running = plus(running, containerRequests(container, gpus, quantities));
  let starting = NOTHING;
  for (const container of listAt(spec, "initContainers")) {
    const asked = containerRequests(container, gpus, quantities);
    if (textAt(container, "restartPolicy") === "Always") running = plus(running, asked);
    else starting = most(starting, asked);
  }
  const whole = most(running, starting);
  const overhead = valueAt(spec, "overhead");
  const pod = {
    cpu: ownRequest(spec, "cpu", quantities) ?? whole.cpu,
    memory: ownRequest(spec, "memory", quantities) ?? whole.memory,
    gpu: whole.gpu,
  };
  if (overhead === undefined) return pod;
  return plus(pod, {
    cpu: quantities.read(valueAt(overhead, "cpu")),
    memory: quantities.read(valueAt(overhead, "memory")),
    gpu: ZERO,
  });
}

function ownRequest(spec: unknown, name: string, quantities: QuantityReader): Decimal | undefined {
  const value = valueAt(spec, "resources", "requests", name);
  return value === undefined ? undefined : quantities.read(value);
}

/** Per container name, what metrics-server measured. */
export type ContainerUsage = ReadonlyMap<string, Amounts>;

export function usageOf(metrics: KubeObject, quantities: QuantityReader): ContainerUsage {
  return new Map(
    listAt(metrics, "containers").map((container) => [
      textAt(container, "name") ?? "",
      {
        cpu: quantities.read(valueAt(container, "usage", "cpu")),
        memory: quantities.read(valueAt(container, "usage", "memory")),
        gpu: ZERO,
      },
    ]),
  );
}

/** What a pod costs: per container and resource the greater of request and use, then added; containers that wait for their image cost nothing. */
export function consumption(
  pod: KubeObject,
  { gpus, usage, quantities }: { gpus: NodeGpus; usage: ContainerUsage | undefined; quantities: QuantityReader },
): Amounts {
  const waiting = waitingForImage(pod);
  let total = NOTHING;
  for (const container of longRunning(pod)) {
    const name = textAt(container, "name") ?? "";
    if (waiting.has(name)) continue;
    const asked = containerRequests(container, gpus, quantities);
    total = plus(total, most(asked, usage?.get(name) ?? NOTHING));
  }
  return total;
}

function longRunning(pod: KubeObject): unknown[] {
  const sidecars = listAt(pod, "spec", "initContainers").filter((each) => textAt(each, "restartPolicy") === "Always");
  return [...listAt(pod, "spec", "containers"), ...sidecars];
}

const IMAGE_TROUBLE = new Set([
  "ImagePullBackOff",
  "ErrImagePull",
  "ErrImageNeverPull",
  "InvalidImageName",
  "ImageInspectError",
  "RegistryUnavailable",
]);

function waitingForImage(pod: KubeObject): ReadonlySet<string> {
  const statuses = listAt(pod, "status", "containerStatuses");
  const waiting = statuses.filter((each) => IMAGE_TROUBLE.has(textAt(each, "state", "waiting", "reason") ?? ""));
  return new Set(waiting.map((each) => textAt(each, "name") ?? ""));
}

/** Takes part in its node's cost: placed, not finished, and not every container waits for its image. */
export function isCharged(pod: KubeObject): boolean {
  const phase = textAt(pod, "status", "phase");
  if (textAt(pod, "spec", "nodeName") === undefined || phase === "Succeeded" || phase === "Failed") return false;
  const containers = listAt(pod, "spec", "containers");
  const waiting = waitingForImage(pod);
  return containers.some((container) => !waiting.has(textAt(container, "name") ?? ""));
}
