import { kubeFailureOf } from "../../clusters/connections/errors.ts";
import type { KubeClient, KubeObject } from "../../clusters/connections/types.ts";
import { GUARD, NEVER, type Right, type RightsMode, reviewsOf, rightsOf } from "../../clusters/enforcement/rights.ts";
import { preflight } from "../../clusters/health/preflight.ts";
import { describeRight } from "../../clusters/health/rights.ts";
import { optInOf } from "../../clusters/inventory/protection.ts";
import type { ClusterConfig } from "../../config/types.ts";
import { messageOf } from "../../core/errors.ts";
import { inParallel } from "../../core/in-parallel.ts";
import { registeredClusters } from "../cluster-registry.ts";
import { clusterDeps, openCluster } from "../open-clusters.ts";
import type { Runtime } from "../runtime.ts";
import { type DoctorCheck, unchecked } from "./check.ts";

const CLUSTERS_AT_ONCE = 4;
const QUESTIONS_AT_ONCE = 8;
const TIMEOUTS = { headersMs: 10_000, totalMs: 20_000 };

/** Every known cluster: reached how far, opted in, guarded, and our rights there: what the mode needs, and nothing of what it must never have. */
export async function clusterChecks(runtime: Runtime): Promise<DoctorCheck[]> {
  let clusters: readonly ClusterConfig[] = runtime.config.clusters;
  const problems: DoctorCheck[] = [];
  try {
    clusters = (await registeredClusters(runtime)).map(({ config }) => config);
  } catch (error) {
    problems.push({ what: "joined clusters", ok: false, detail: messageOf(error) });
  }
  const checked = await inParallel(clusters, CLUSTERS_AT_ONCE, (cluster) => checksOf(cluster, runtime));
  return [...problems, ...checked.flat()];
}

async function checksOf(cluster: ClusterConfig, runtime: Runtime): Promise<DoctorCheck[]> {
  const what = `cluster ${cluster.name}`;
  if (cluster.provider === "snapshot") return [unchecked(what, "a snapshot can be planned on, and never be written")];
  // What looks like a write here is never stored.
  const options = { dryRun: true, repeats: 1, timeouts: TIMEOUTS };
  const opened = openCluster(cluster, clusterDeps(runtime, runtime.randomness.id()), options);
  const { steps, identity } = await preflight(() => opened, []);
  const failed = steps.find(({ outcome }) => outcome === "failed");
  if (failed !== undefined || identity === undefined) return [unreached(what, cluster, failed)];
  const client = await opened;
  const mode = cluster.rights ?? "standard";
  const connection = {
    what: `${what}: connection`,
    ok: true,
    detail: `Kubernetes ${identity.version}, every layer is passed`,
  };
  const rest = [
    await attempt(`${what}: opted in`, async (each) => [describeOptIns(each, await client.list("v1", "Namespace"))]),
    await attempt(`${what}: guard`, async (each) => [{ what: each, ...(await guardCheck(client, mode)) }]),
    await attempt(`${what}: rights`, (each) => neededChecks(each, client, mode)),
    await attempt(`${what}: no other rights`, (each) => neverChecks(each, client)),
  ];
  return [connection, ...rest.flat()];
}

/** One check that fails does not hide another. */
async function attempt(what: string, work: (what: string) => Promise<DoctorCheck[]>): Promise<DoctorCheck[]> {
  try {
    return await work(what);
  } catch (error) {
    return [{ what, ok: false, detail: messageOf(error) }];
  }
}

/** Which layer failed, and who can mend it. */
function unreached(
  what: string,
  cluster: ClusterConfig,
  failed: { step: string; detail: string } | undefined,
): DoctorCheck {
  const { step, detail } = failed ?? { step: "answers", detail: "the API server says nothing" };
  const failure = { what: `${what}: connection`, ok: false, detail: `${step}: ${detail}` };
  if (step === "authentication")
    return {
      ...failure,
      missing: "an identity in the cluster",
      grant: `see "Who GenOps is in a cluster" in docs/cluster-rights.md (${cluster.provider})`,
    };
  if (step === "authorization")
    return { ...failure, missing: "get namespaces", grant: grantOf(cluster.rights ?? "standard") };
  return failure;
}

function grantOf(mode: RightsMode): string {
  return `kubectl apply --server-side -k deploy/kubernetes/overlays/${mode}, bound to GenOps' identity (docs/cluster-rights.md)`;
}

function describeOptIns(what: string, namespaces: readonly KubeObject[]): DoctorCheck {
  const optedIn = namespaces.filter((each) => optInOf(each) !== "none").length;
  const detail = `${optedIn} of ${namespaces.length} namespaces (label genops.ai/enforce)`;
  return optedIn > 0
    ? { what, ok: true, detail }
    : { what, ok: true, warning: true, detail: `${detail}: nothing is ever done here` };
}

type Found = Omit<DoctorCheck, "what">;

const ADMISSION = "admissionregistration.k8s.io/v1";
const POLICY = "ValidatingAdmissionPolicy";
const NOT_SERVED =
  "the cluster serves no admission policies: only RBAC limits a stolen token, and growth is stopped by quotas alone";

/** Whether admission policies are served, and the guard is there and holds us. */
async function guardCheck(client: KubeClient, mode: "standard" | "scale-only"): Promise<Found> {
  if ((await client.resource(ADMISSION, POLICY)) === undefined) return { ok: true, warning: true, detail: NOT_SERVED };
  for (const kind of [POLICY, `${POLICY}Binding`])
    if ((await client.get({ apiVersion: ADMISSION, kind, name: GUARD })) === undefined) return lacksGuard(kind, mode);
  if (mode === "standard") return tryGuard(client);
  return { ok: true, checked: false, detail: "it is there; it cannot be tried without the right to make quotas" };
}

function lacksGuard(kind: string, mode: "standard" | "scale-only"): Found {
  const detail = `the ${kind} ${GUARD} is not there`;
  if (mode === "scale-only") return { ok: true, warning: true, detail };
  return { ok: false, detail, missing: `the policy ${GUARD}`, grant: grantOf(mode) };
}

const PROBE = {
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: "doctor-probe", namespace: "default" },
  spec: { hard: { pods: "1000000" } },
};

/** A quota that is not ours is asked for, as a dry run: the guard has to refuse it. */
async function tryGuard(client: KubeClient): Promise<Found> {
  try {
    await client.apply(PROBE);
  } catch (error) {
    const said = messageOf(error);
    if (said.includes(GUARD))
      return { ok: true, detail: "it holds this identity (a dry run that it must refuse was refused)" };
    if (kubeFailureOf(error)?.status === 403) return { ok: true, checked: false, detail: `not checked: ${said}` };
    throw error;
  }
  return {
    ok: false,
    detail: "it is there and does not hold this identity",
    missing: "our group or user name in the guard",
    grant: `name the same groups and users in the policy ${GUARD} as in the binding genops-enforcer (docs/cluster-rights.md)`,
  };
}

async function neededChecks(what: string, client: KubeClient, mode: "standard" | "scale-only"): Promise<DoctorCheck[]> {
  const needed: Right[] = [];
  for (const right of rightsOf(mode))
    if (right.where === undefined || (await client.resource(right.where.apiVersion, right.where.kind)) !== undefined)
      needed.push(right);
  const asked = await askAll(client, needed);
  const lacking = asked.filter(({ allowed }) => !allowed);
  if (lacking.length === 0)
    return [{ what, ok: true, detail: `all ${asked.length} rights of the mode ${mode} are given` }];
  return lacking.map(({ right }) => {
    return { what, ok: false, detail: `we may not ${right}`, missing: right, grant: grantOf(mode) };
  });
}

async function neverChecks(what: string, client: KubeClient): Promise<DoctorCheck[]> {
  const asked = await askAll(client, NEVER);
  const excess = asked.filter(({ allowed }) => allowed);
  if (excess.length === 0)
    return [{ what, ok: true, detail: `none of ${asked.length} rights that GenOps must never have is given` }];
  return excess.map(({ right }) => ({
    what,
    ok: false,
    detail: `we may ${right}, which GenOps must never have: take it away from its identity (docs/cluster-rights.md)`,
  }));
}

/** Our own rights in the whole cluster, by the server's word. */
function askAll(client: KubeClient, rights: readonly Right[]): Promise<{ right: string; allowed: boolean }[]> {
  return inParallel(rights.flatMap(reviewsOf), QUESTIONS_AT_ONCE, async (review) => ({
    right: describeRight(review),
    allowed: await client.mayI(review),
  }));
}
