import * as z from "zod";
import { closed, httpUrl, kebabName, oneOf, scope, text, wholeNumber } from "./scalars.ts";
import type { ClusterConfig } from "./types.ts";

/** Partition and sovereign clouds have other hosts; `https://` only, because bearer tokens travel there. */
const address = httpUrl.refine((url) => url.startsWith("https://"), "expected an https:// URL").transform(withoutSlash);

const common = {
  // The name under which what belongs to no cluster is kept (`enforcement/clusters/billing.json`).
  name: kebabName.refine((name) => name !== "billing", "billing is taken: give the cluster another name"),
  match: z.exactOptional(scope),
  requestsPerSecond: z.exactOptional(wholeNumber(1, 10_000)),
  rights: z.exactOptional(oneOf(["standard", "scale-only"])),
};

const Cluster = z.discriminatedUnion(
  "provider",
  [
    closed({
      provider: z.literal("eks"),
      ...common,
      cluster: z.exactOptional(text),
      region: text,
      stsHost: z.exactOptional(text),
      eksUrl: z.exactOptional(address),
    }),
    closed({
      provider: z.literal("aks"),
      ...common,
      cluster: z.exactOptional(text),
      subscription: text,
      resourceGroup: text,
      armUrl: z.exactOptional(address),
    }),
    closed({
      provider: z.literal("gke"),
      ...common,
      cluster: z.exactOptional(text),
      project: text,
      location: text,
      containerUrl: z.exactOptional(address),
    }),
    closed({ provider: z.literal("kubeconfig"), ...common, kubeconfig: text, context: z.exactOptional(text) }),
    closed({ provider: z.literal("snapshot"), ...common, location: text }),
  ],
  { error: "expected a mapping with name and provider: eks, aks, gke, kubeconfig or snapshot" },
);

/** `clusters:` as it stands in the file. */
export const Clusters = z.array(Cluster, "expected a list of clusters").check(({ value, issues }) => {
  const names = value.map(({ name }) => name);
  for (const [index, name] of names.entries())
    if (names.indexOf(name) < index)
      issues.push({
        code: "custom",
        message: `expected one cluster of each name: ${name} stands twice`,
        path: [index, "name"],
        input: value,
      });
});

/** The cloud's name of a cluster is ours where nothing else is said. */
export function toClusters(input: z.output<typeof Clusters>): ClusterConfig[] {
  return input.map((cluster) =>
    cluster.provider === "kubeconfig" || cluster.provider === "snapshot"
      ? cluster
      : { ...cluster, cluster: cluster.cluster ?? cluster.name },
  );
}

/** One cluster, as `genops clusters join` is told of it. */
export { Cluster as ClusterEntry };

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
