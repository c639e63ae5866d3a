import { rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProgram } from "../../../../functions/local/program.ts";
import { listPlans } from "../../../../shared/clusters/enforcement/approvals/plan-records.ts";
import { captured } from "../../../support/captured.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { type EnforceWorld, openEnforceWorld } from "../../../support/enforce-world.ts";
import { genops } from "./cli-support.ts";

const folders = createFolders();
const rsa = await generateKeyPair("RS256", { extractable: true });
let issuer: Server;
let base: string;

beforeAll(async () => {
  const keys = { keys: [{ ...(await exportJWK(rsa.publicKey)), kid: "k" }] };
  issuer = createServer((request, response) => {
    const discovery = { issuer: base, jwks_uri: `${base}/keys` };
    response.end(JSON.stringify(request.url === "/keys" ? keys : discovery));
  });
  await new Promise<void>((resolve) => issuer.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => issuer.close(resolve));
  await folders.clean();
});

/** A world at the machine's own time, which the command line lives in. */
function open(more: Partial<Parameters<typeof openEnforceWorld>[0]> = {}): Promise<EnforceWorld> {
  const yaml = `signIn: { issuer: "${base}", audience: [genops], rolesClaim: roles }\n`;
  return openEnforceWorld({ folders, now: new Date().toISOString(), yaml, ...more });
}

const APPROVERS = "approvers: [{ identity: ada@example.com }, { identity: bob@example.com }]";

async function tokenFile({ folder }: EnforceWorld, who: string, roles = ["approver"]): Promise<string> {
  const token = await new SignJWT({ email: who, email_verified: true, roles })
    .setProtectedHeader({ alg: "RS256", kid: "k" })
    .setIssuer(base)
    .setAudience("genops")
    .setSubject(`sub-${who}`)
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(rsa.privateKey);
  const file = path.join(folder, `${who}.jwt`);
  await writeFile(file, `${token}\n`);
  return file;
}

interface Answer {
  code: number;
  text: string;
}

/** The command line in this process. */
async function run({ folder }: EnforceWorld, ...args: readonly string[]): Promise<Answer> {
  const config = ["--config", path.join(folder, "genops.yaml")];
  const { answer, text } = await captured(() => createProgram().run(["enforce", ...args, ...config]));
  return { code: answer, text };
}

// biome-ignore lint/suspicious/noExplicitAny: documents are looked into, not typed again
async function json(world: EnforceWorld, ...args: readonly string[]): Promise<{ code: number; document: any }> {
  const { code, text } = await run(world, ...args, "--format", "json");
  return { code, document: JSON.parse(text) };
}

describe("genops enforce plan", () => {
  it("shows what would be done, rung by rung or whole, and changes nothing", async () => {
    const world = await open();
    await world.stands(101);
    const next = await json(world, "plan");
    const whole = await json(world, "plan", "--whole");
    const rungs = ({ document }: typeof next) =>
      new Set(
        document.clusters.flatMap((each: { plans: { steps: { rung: string }[] }[] }) =>
          each.plans.flatMap(({ steps }) => steps.map(({ rung }) => rung)),
        ),
      );
    expect([next.code, rungs(next)]).toEqual([0, new Set(["freeze"])]);
    expect([whole.code, rungs(whole).has("block")]).toEqual([0, true]);
    const { text } = await run(world, "plan", "--whole");
    expect(text).toContain("wanted: block (up to block) by budget/global/");
    expect(text).toMatch(/Instead, by hand:\n {2}kubectl/);
    const { text: csv } = await run(world, "plan", "--format", "csv");
    expect(csv.split("\n")[0]).toContain("cluster,plan,rung,action,subject");
    expect(world.server.requests.every(({ method }) => method === "GET")).toBe(true);
  });

  it("says that nothing is wanted, and which cluster could not be read", async () => {
    const world = await open({ clusters: ["away", "lab"] });
    expect((await run(world, "plan")).text).toContain("Nothing is wanted");
    await world.servers["away"]?.disappear();
    const { code, text } = await run(world, "plan");
    expect([code, text]).toEqual([3, expect.stringContaining("away: ")]);
    expect((await json(world, "plan", "--cluster", "lab")).code).toBe(0);
  });

  it("refuses what is no wish", async () => {
    const world = await open();
    for (const args of [
      ["--scope", "team"],
      ["--scope", "team=ml", "--rung", "human"],
      ["--scope", "team=ml", "--until", "2020-01-01T00:00:00Z"],
      ["--rung", "block"],
      ["--until", "2090-01-01T00:00:00Z"],
      ["--cluster", "nobody"],
      ["--token-file", "x"],
      ["--propose"],
      ["--propose", "--token-file", "/nowhere/token"],
      ["--propose", "--token-file", world.folder],
    ])
      await expect(run(world, "plan", ...args), args.join(" ")).rejects.toMatchObject({ code: "usage" });
    expect(await listPlans(world.runtime.lake)).toEqual([]);
  });

  it("proposes in the name of a token, whose bearer cannot approve it then", async () => {
    const world = await open({ enforcement: `mode: approve, ${APPROVERS}` });
    const ada = await tokenFile(world, "ada@example.com");
    const bob = await tokenFile(world, "bob@example.com");
    const scope = ["--scope", "team=ml", "--rung", "throttle"];
    const { code, document } = await json(world, "plan", ...scope, "--propose", "--token-file", ada);
    const [{ plan: hash }] = document.clusters[0].proposed;
    expect([code, document.clusters[0].proposed]).toEqual([0, [{ plan: hash, state: "waiting" }]]);
    const [record] = await listPlans(world.runtime.lake);
    expect([record?.requesters, record?.plan.wants[0]?.policy]).toEqual([
      ["ada@example.com"],
      "person/ada@example.com/team=ml/throttle",
    ]);
    expect((await run(world, "plan", ...scope, "--propose", "--token-file", ada)).text).toContain(
      `proposed: ${hash}: waiting`,
    );
    await expect(run(world, "approve", hash, "--token-file", ada)).rejects.toThrow("you asked for this plan yourself");
    await expect(run(world, "apply", "ffffffffff")).rejects.toMatchObject({ code: "usage" });
    const early = await run(world, "apply", hash);
    expect([early.code, early.text]).toEqual([1, expect.stringContaining("waiting: it has 0 of 1 approvals")]);

    const approved = await run(world, "approve", hash.slice(0, 12), "--token-file", bob);
    expect([approved.code, approved.text]).toEqual([0, expect.stringContaining(": approved")]);
    const applied = await json(world, "apply", hash.slice(0, 12));
    expect([applied.code, applied.document.outcome, world.replicas("batch")]).toEqual([0, "applied", 1]);
    const again = await run(world, "apply", hash);
    expect([again.code, again.text]).toEqual([1, expect.stringContaining("it is applied")]);
  });

  it("refuses tokens that are none, and proposes nothing in mode dry-run", async () => {
    const world = await open({ enforcement: "mode: dry-run" });
    const bad = path.join(world.folder, "bad");
    const propose = ["plan", "--scope", "team=ml", "--propose", "--token-file"];
    for (const text of ["", "no token", "a.b.c", "\u0000\u0001"]) {
      await writeFile(bad, text);
      await expect(run(world, ...propose, bad), JSON.stringify(text)).rejects.toMatchObject({ code: "refused" });
    }
    const { code, document } = await json(world, ...propose, await tokenFile(world, "ada@example.com"));
    expect([code, document.clusters[0].proposed]).toEqual([1, []]);
    expect(await listPlans(world.runtime.lake)).toEqual([]);
  });
});

describe("genops enforce approve", () => {
  it("refuses hashes that are none", async () => {
    const world = await open({ enforcement: `mode: approve, ${APPROVERS}` });
    const token = await tokenFile(world, "ada@example.com");
    for (const hash of ["", "xyz", "../../etc/passwd", "abc", "0".repeat(65), "0".repeat(64)])
      await expect(run(world, "approve", hash, "--token-file", token), hash).rejects.toMatchObject({ code: "usage" });
    await expect(run(world, "approve", "0".repeat(64))).rejects.toThrow("--token-file");
    await expect(run(world, "approve", "0".repeat(64), "--token-file", "/nowhere")).rejects.toThrow("cannot be read");
  });
});

describe("genops enforce apply, status and restore", () => {
  it("makes a run, shows what is held, and gives it back", async () => {
    const world = await open();
    await world.stands(96);
    expect((await run(world, "status")).text).toContain("Nothing is held.");
    const first = await json(world, "apply", "--no-verify");
    expect([first.code, first.document.clusters[0].plans[0].outcome]).toEqual([0, "applied"]);
    const second = await run(world, "apply", "--no-verify");
    expect([second.code, second.text]).toEqual([0, expect.stringMatching(/active: .*ml\/batch/)]);
    expect(world.replicas("batch")).toBe(1);

    const status = await json(world, "status");
    expect([status.code, status.document.stop]).toEqual([0, null]);
    expect(status.document.held.map(({ state }: { state: string }) => state)).not.toContain("failed");
    const { text } = await run(world, "status");
    expect(text).toMatch(/plan [0-9a-f]{16} for lab: applied/);

    const restored = await json(world, "restore", "--all");
    expect([restored.code, restored.document.clusters]).toEqual([0, [{ cluster: "lab" }]]);
    expect(world.replicas("batch")).toBe(3);
    expect((await run(world, "restore", "--all")).text).toContain("lab: nothing is held");
    expect((await json(world, "status")).document.closed.length).toBeGreaterThan(2);
  });

  it("says by its exit code that a cluster was not reached", async () => {
    const world = await open({ clusters: ["away", "lab"] });
    await world.stands(96);
    await world.servers["away"]?.disappear();
    const apply = await run(world, "apply", "--no-verify");
    expect([apply.code, apply.text]).toEqual([3, expect.stringContaining("away: ")]);
    const restore = await run(world, "restore", "--all");
    expect([restore.code, restore.text]).toEqual([3, expect.stringContaining("away: ")]);
  });

  it("says by its exit code that somebody has changed something", async () => {
    const world = await open({ without: ["admissionregistration.k8s.io"] });
    await world.stands(96);
    await run(world, "apply", "--no-verify");
    await run(world, "apply", "--no-verify");
    const name = { apiVersion: "apps/v1", kind: "Deployment", namespace: "ml", name: "batch" };
    world.server.patch(name, { spec: { replicas: 5 } }, { as: "kubectl-scale" });
    const apply = await run(world, "apply", "--no-verify");
    expect([apply.code, apply.text]).toEqual([1, expect.stringContaining("kubectl-scale")]);
    const restore = await run(world, "restore", "--all");
    expect([restore.code, world.replicas("batch"), world.replicas("trainer")]).toEqual([1, 5, 3]);
  });

  it("says by its exit code that a server refused a restore", async () => {
    const world = await open({ without: ["admissionregistration.k8s.io"] });
    await world.stands(96);
    await run(world, "apply", "--no-verify");
    await run(world, "apply", "--no-verify");
    world.server.faults.always({ method: "PATCH" }, { kind: "status", code: 403, reason: "Forbidden" });
    expect((await run(world, "restore", "--all")).code).toBe(3);
    expect((await run(world, "status")).code).toBe(1);
  });

  it("refuses a restore of nothing, and of two things at once", async () => {
    const world = await open();
    for (const args of [
      [],
      ["--all", "--policy", "a"],
      ["--policy", "a", "--step", "b"],
      ["--from-annotations", "--step", "b"],
      ["--all", "--cluster", "nobody"],
    ])
      await expect(run(world, "restore", ...args), args.join(" ")).rejects.toMatchObject({ code: "usage" });
    expect((await run(world, "restore", "--step", "nothing")).code).toBe(0);
    expect((await run(world, "restore", "--policy", "nothing")).code).toBe(0);
  });

  it("gives back from the objects alone, after the lake is gone", async () => {
    const world = await open();
    await world.stands(96);
    await run(world, "apply", "--no-verify");
    await run(world, "apply", "--no-verify");
    await rm(path.join(world.folder, "lake"), { recursive: true });
    expect((await run(world, "restore", "--all", "--from-annotations")).code).toBe(0);
    expect([world.replicas("batch"), world.replicas("trainer")]).toEqual([3, 3]);
  });
});

describe("genops enforce stop", () => {
  it("stops everything but restores by hand, until it is lifted", async () => {
    const world = await open();
    await world.stands(96);
    const stopped = await json(world, "stop", "--by", "ada", "--reason", "an incident");
    expect([stopped.code, stopped.document]).toMatchObject([0, { stopped: true, by: "ada", reason: "an incident" }]);
    expect((await run(world, "status")).text).toMatch(/^STOPPED since .* by ada: an incident/);
    expect((await run(world, "status")).code).toBe(1);
    const apply = await run(world, "apply");
    expect([apply.code, apply.text]).toEqual([1, expect.stringContaining("stop --lift goes on")]);
    expect((await json(world, "apply")).document.stopped).toContain("an incident");
    expect((await run(world, "restore", "--all")).code).toBe(0);
    await run(world, "stop", "--by", "ada", "--reason", "calm\u001b[2J\u202edown");
    expect((await run(world, "status")).text).toContain("by ada: calm\\x1b[2J\\u202edown");
    expect((await run(world, "stop", "--lift")).text).toContain("Going on.");
    expect((await run(world, "status")).code).toBe(0);
    expect((await run(world, "apply", "--no-verify")).code).toBe(0);
  });

  it("refuses an approved plan meanwhile", async () => {
    const world = await open({ enforcement: `mode: approve, ${APPROVERS}` });
    await world.stands(96);
    expect((await run(world, "apply", "--no-verify")).text).toContain("waiting: it has 0 of 1 approvals");
    const [record] = await listPlans(world.runtime.lake);
    await run(world, "approve", record?.plan.hash ?? "", "--token-file", await tokenFile(world, "bob@example.com"));
    await run(world, "stop");
    await expect(run(world, "apply", record?.plan.hash ?? "")).rejects.toMatchObject({ code: "refused" });
    await run(world, "stop", "--lift");
    expect((await run(world, "apply", record?.plan.hash ?? "")).code).toBe(0);
  });
});

describe("the real process", () => {
  it("exits with 2 for wrong usage, and with 3 when the lake cannot be written", async () => {
    const world = await open();
    expect((await genops(world.folder, ["enforce", "plan", "--scope", "team"])).code).toBe(2);
    expect((await genops(world.folder, ["enforce", "apply", "nonsense"])).code).toBe(2);
    expect((await genops(world.folder, ["enforce", "nonsense"])).code).toBe(2);
    await world.stands(96);
    await writeFile(path.join(world.folder, "file"), "");
    const { code, stderr } = await genops(world.folder, ["enforce", "apply", "--lake", "file:./file/lake"]);
    expect([code, stderr]).toEqual([3, expect.stringContaining("genops: ")]);
    expect(world.server.requests.every(({ method }) => method === "GET")).toBe(true);
  });
});

describe("what only people ask for", () => {
  const SAMPLE = fileURLToPath(new URL("../../../../samples/cluster.json", import.meta.url));

  async function plan(...args: readonly string[]) {
    const folder = await folders.make();
    const yaml = `lake: file:./lake\nclusters: [{ name: dump, provider: snapshot, location: ${JSON.stringify(SAMPLE)} }]\n`;
    await writeFile(path.join(folder, "genops.yaml"), yaml);
    return genops(folder, ["enforce", "plan", "--now", "2024-09-30T12:00:00Z", ...args]);
  }

  it("is a plan of its own, with what a person could run instead", async () => {
    const cordon = await plan("--cluster", "dump", "--cordon", "ip-10-0-2-11", "--taint-no-execute", "ip-10-0-2-12");
    expect([cordon.code, cordon.stderr]).toEqual([0, ""]);
    expect(cordon.stdout).toContain("cordon-node  Node ip-10-0-2-11");
    expect(cordon.stdout).toContain("no-execute   Node ip-10-0-2-12");
    expect(cordon.stdout).toContain("kubectl --context dump cordon ip-10-0-2-11");
    const evict = await plan("--cluster", "dump", "--evict", "perception/Deployment/inference");
    expect(evict.stdout).toContain("evict-pods (irreversible)  Deployment perception/inference");
  });

  it.each([
    [["--cordon", "n"], "need --cluster with one name"],
    [["--cluster", "dump", "--cordon", "n", "--whole"], "make a plan of their own"],
    [["--billing", "gcp"], "names nothing for this budget"],
  ])("refuses %o", async (args, words) => {
    const { code, stderr } = await plan(...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
  });
});
