import type { TestProject } from "vitest/node";
import { controlPlaneTool, ensureControlPlane, KUBERNETES_VARIABLE } from "../../scripts/lib/control-plane.mjs";
import {
  accessOf,
  type ClusterAccess,
  type ControlPlaneOptions,
  startControlPlane,
} from "../support/control-planes.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** One cluster in each cloud of the guide. Tests share them: each makes namespaces of its own. */
    clusters: Record<"aws" | "azure" | "gcp", ClusterAccess>;
  }
}

/** The guide's three clusters. */
const CLUSTERS = [
  { name: "aws-us-west-2", provider: "aws", region: "us-west-2" },
  { name: "azure-eastus", provider: "azure", region: "eastus" },
  { name: "gcp-us-central1", provider: "gcp", region: "us-central1" },
] as const satisfies readonly ControlPlaneOptions[];

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await ensureControlPlane(controlPlaneTool(process.env[KUBERNETES_VARIABLE]));
  const started = await Promise.allSettled(CLUSTERS.map((options) => startControlPlane(options)));
  const clusters = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const stop = async () => void (await Promise.all(clusters.map((cluster) => cluster.stop())));
  const failure = started.find((result) => result.status === "rejected");
  if (failure !== undefined) {
    await stop();
    throw failure.reason;
  }
  const [aws, azure, gcp] = clusters.map(accessOf) as [ClusterAccess, ClusterAccess, ClusterAccess];
  project.provide("clusters", { aws, azure, gcp });
  return stop;
}
