import { expect, it } from "vitest";
import { restore } from "../../../shared/clusters/enforcement/restore/restore.ts";
import type { Plan, Want } from "../../../shared/clusters/enforcement/types.ts";
import { lasting, planLive } from "../../support/enforcement/planned.ts";
import { cronJob, deployment, hpa, job, rollout } from "../../support/kube-objects.ts";
import type { KubeObject as AnyObject } from "../../support/kube-server/types.ts";
import type { ClusterTarget } from "../target.ts";
import type { EnforcementLab } from "./enforcement-lab.ts";
import { collectionPath, pathOf } from "./lab.ts";

/** What a target must give beside its address: a token of a service account. */
export interface PlannedTarget extends ClusterTarget {
  serviceAccount(namespace: string, name: string): Promise<string>;
}

interface World {
  lab: EnforcementLab;
  target: PlannedTarget;
  wants(rung: "freeze"): Want[];
  carryOut(plan: Plan): Promise<void>;
}

const SMALL = { requests: { cpu: "10m", memory: "16Mi" } };
const replicas = (count: number) => ({ spec: { replicas: count } });

/** Row 1 as the server understands it: who is refused what while it is held, and that its restore lifts it. */
export function describeDenyGrowth(worldOf: () => World): void {
  it("deny-growth refuses growth to people and to Git, to nobody else, until it is given back", async () => {
    const { lab, target, wants, carryOut } = worldOf();
    const { namespace, client } = lab.lab;
    const { deps } = lab.enforcer();
    const git = await target.serviceAccount(namespace, "applier");
    const web = deployment({ ...SMALL, namespace, name: "web", replicas: 3 });
    const late = deployment({ ...SMALL, namespace, name: "late", replicas: 2 });
    const canary = rollout({ ...SMALL, namespace, name: "canary", replicas: 2 });
    const kept = deployment({ ...SMALL, namespace, name: "kept", annotations: { "genops.ai/protected": "true" } });
    for (const each of [web, late, canary, kept]) await lab.make(each);
    const call = async (token: string, method: string, path: string, body: object) => {
      const query = { dryRun: "All", fieldManager: "kubectl" };
      const patch = method === "PATCH" ? ({ patch: "merge" } as const) : {};
      const answer = await client.call(method, path, { ...patch, body, token, query });
      return { status: answer.status, warning: String(answer.headers["warning"] ?? "") };
    };
    const grow = (token: string) => call(token, "PATCH", pathOf(web), replicas(5));
    const statusOf = async (...request: Parameters<typeof call>) => (await call(...request)).status;

    await carryOut(await planLive(deps, wants("freeze")));
    const warned = await target.eventually(
      () => grow(target.tokens.person),
      ({ warning }) => warning.includes("growth in namespace"),
    );
    expect(warned.status).toBe(200);

    const denying = await planLive(deps, wants("freeze"));
    expect(denying.steps.map(({ action }) => action)).toEqual(["deny-growth"]);
    await carryOut(denying);
    expect((await planLive(deps, wants("freeze"))).steps).toEqual([]);
    await target.eventually(
      () => grow(target.tokens.person),
      ({ status }) => status === 422,
    );
    const another = deployment({ ...SMALL, namespace, name: "another" });
    const nightly = cronJob({ ...SMALL, namespace, name: "nightly" });
    const marked = { metadata: { annotations: { "example.com/seen": "yes" } } };
    const none = deployment({ ...SMALL, namespace, name: "none", replicas: 0 });
    const { name: _, ...nameless } = another.metadata;
    const generated = { ...another, metadata: { ...nameless, generateName: "another-" } };
    const run = job({ ...SMALL, namespace, name: "run", parallelism: 2 });
    const waiting = job({ ...SMALL, namespace, name: "waiting", parallelism: 2, suspend: true });
    for (const token of [target.tokens.person, git]) {
      expect(await statusOf(token, "PATCH", pathOf(web), replicas(5))).toBe(422);
      expect(await statusOf(token, "PATCH", `${pathOf(web)}/scale`, replicas(5))).toBe(422);
      expect(await statusOf(token, "POST", collectionPath(another), another)).toBe(422);
      expect(await statusOf(token, "POST", collectionPath(nightly), nightly)).toBe(422);
      expect(await statusOf(token, "POST", collectionPath(another), generated)).toBe(422);
      expect(await statusOf(token, "POST", collectionPath(run), run)).toBe(422);
      expect(await statusOf(token, "PATCH", pathOf(canary), replicas(3))).toBe(422);
      expect(await statusOf(token, "PATCH", `${pathOf(canary)}/scale`, replicas(3))).toBe(422);
      expect(await statusOf(token, "PATCH", pathOf(kept), replicas(9))).toBe(200);
      expect(await statusOf(token, "PATCH", `${pathOf(kept)}/scale`, replicas(9))).toBe(200);
      expect(await statusOf(token, "POST", collectionPath(waiting), waiting)).toBe(201);
      expect(await statusOf(token, "POST", collectionPath(none), none)).toBe(201);
      expect(await statusOf(token, "PATCH", pathOf(web), replicas(2))).toBe(200);
      expect(await statusOf(token, "PATCH", `${pathOf(web)}/scale`, replicas(2))).toBe(200);
      expect(await statusOf(token, "PATCH", pathOf(web), marked)).toBe(200);
    }

    await podsComeBack(lab, web);
    await lab.make(hpa({ namespace, name: "late", target: "late", min: 4, max: 6 }));
    const scaled = await lab.lab.settled(late, ({ spec }) => spec?.["replicas"] === 4);
    expect(scaled.spec?.["replicas"]).toBe(4);
    await lab.lab.target.eventually(
      () => lab.lab.pods("late"),
      (pods) => pods.length === 4,
    );

    await givesBackThrottled({ lab, carryOut, web });

    await restore(deps, { kind: "all" }, "by hand");
    const lifted = await target.eventually(
      () => grow(target.tokens.person),
      ({ status }) => status === 200,
    );
    expect(lifted.warning).toBe("");
    expect((await lab.holds())?.own).toEqual({});
    expect(await statusOf(git, "POST", collectionPath(another), another)).toBe(201);
  });
}

async function podsComeBack({ lab }: EnforcementLab, web: AnyObject): Promise<void> {
  const pods = () => lab.pods(web.metadata.name);
  const [first] = await lab.target.eventually(pods, (all) => all.length === 3);
  if (first === undefined) throw new Error("no pod");
  const { metadata } = first;
  await lab.client.call("DELETE", `/api/v1/namespaces/${lab.namespace}/pods/${metadata.name}`);
  const back = await lab.target.eventually(
    pods,
    (all) => all.length === 3 && all.every((each) => each.metadata.uid !== metadata.uid),
  );
  expect(back).toHaveLength(3);
}

/** A restore makes more replicas of what had fewer: our own growth. */
async function givesBackThrottled({ lab, carryOut, web }: Pick<World, "lab" | "carryOut"> & { web: AnyObject }) {
  const { deps } = lab.enforcer();
  const policy = "budget/other/2026-11-01/throttle";
  const throttle = lasting("throttle", { policy, budget: "other", scopes: [{ team: [lab.lab.namespace] }] });
  const plan = await planLive(deps, [throttle]);
  expect(plan.steps.map(({ action, subject }) => `${action} ${subject}`)).toContain(
    `scale-to-floor Deployment ${lab.lab.namespace}/web`,
  );
  await carryOut(plan);
  expect((await lab.live(web)).spec).toMatchObject({ replicas: 1 });
  await restore(deps, { kind: "policies", policies: [policy] }, "by hand");
  expect((await lab.live(web)).spec).toMatchObject({ replicas: 3 });
}
