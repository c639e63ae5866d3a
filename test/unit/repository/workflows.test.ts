import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { filesBelow, matchingLines, readText, root } from "./repository-files.ts";

const Step = z.object({
  uses: z.string().optional(),
  run: z.string().optional(),
  if: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
  env: z.record(z.string(), z.string()).default({}),
});
const Job = z.object({
  needs: z.union([z.string(), z.array(z.string())]).default([]),
  if: z.string().optional(),
  environment: z.string().optional(),
  "timeout-minutes": z.number(),
  permissions: z.record(z.string(), z.string()).optional(),
  strategy: z.object({ matrix: z.record(z.string(), z.unknown()) }).optional(),
  steps: z.array(Step),
});
const Workflow = z.object({
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(z.string(), Job),
});
type Job = z.output<typeof Job>;

const FILES = filesBelow(".github/workflows");
const workflows = new Map(FILES.map((path) => [path, Workflow.parse(parse(readText(path)))]));
const deployment = workflows.get(".github/workflows/deploy-multi-cloud.yml");
const jobs: Readonly<Record<string, Job>> = deployment?.jobs ?? {};

const CLOUDS = ["aws", "azure", "gcp"] as const;

describe.each(FILES)("%s", (path) => {
  const text = readText(path);
  const all = Object.values(workflows.get(path)?.jobs ?? {});

  it("uses every action at one commit, and says which version that is", () => {
    const uses = text.split("\n").filter((line) => /^\s*(- )?uses:/.test(line));
    expect(uses.length).toBeGreaterThan(1);
    expect(uses.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  });

  it("may read the repository and nothing else, but for jobs that sign in to a cloud", () => {
    expect(workflows.get(path)?.permissions).toEqual({ contents: "read" });
    for (const job of all.filter(({ permissions }) => permissions !== undefined)) {
      expect(job.permissions).toEqual({ contents: "read", "id-token": "write" });
      expect(job.environment).toBe("production");
    }
  });

  it("holds no secret, and puts nothing that somebody else wrote into a script", () => {
    expect(matchingLines(path, text, /\bsecrets\.|access-key|credentials_json|\bcreds:/)).toEqual([]);
    const scripts = all.flatMap(({ steps }) => steps.flatMap(({ run }) => (run === undefined ? [] : [run])));
    expect(scripts.filter((script) => script.includes("${{"))).toEqual([]);
  });

  it("leaves no token behind where code is checked out, and ends by itself", () => {
    const checkouts = all.flatMap(({ steps }) => steps.filter(({ uses }) => uses?.startsWith("actions/checkout@")));
    for (const step of checkouts) expect(step.with["persist-credentials"]).toBe(false);
    expect(all.every((job) => job["timeout-minutes"] <= 90)).toBe(true);
  });
});

describe("checks", () => {
  it("run on every push and pull request, with the commands that a person uses", () => {
    const checks = workflows.get(".github/workflows/checks.yml");
    expect(Object.keys(checks?.on ?? {})).toEqual(["push", "pull_request"]);
    const commands = Object.values(checks?.jobs ?? {}).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    expect(commands).toEqual(["npm test", "npm run tools:install", "npm run test:all"]);
  });
});

describe("the deployment", () => {
  it("has the guide's input", () => {
    expect(deployment?.on).toMatchObject({
      push: { branches: ["main"] },
      workflow_dispatch: { inputs: { target_clouds: { required: true, default: "aws,azure,gcp" } } },
    });
  });

  it("builds each package once, and deploys what was built everywhere", () => {
    const builders = Object.entries(jobs).filter(([, { steps }]) => steps.some(({ run }) => run?.includes("package:")));
    expect(builders.map(([name]) => name)).toEqual(["build"]);
    const built = jobs["build"]?.steps.flatMap(({ run }) => /^npm run package:(\w+)$/.exec(run ?? "")?.[1] ?? []);
    expect(built).toEqual([...CLOUDS]);
    for (const cloud of CLOUDS) {
      const steps = jobs[`deploy-${cloud}`]?.steps ?? [];
      expect(steps[0]).toMatchObject({
        uses: expect.stringContaining("download-artifact@"),
        with: { name: "packages" },
      });
      expect(steps[1]?.run).toBe("sha256sum --check SHA256SUMS");
      expect(steps.some(({ uses }) => uses?.includes("checkout@"))).toBe(false);
    }
  });

  it.each(CLOUDS)("verifies %s by its health and by the doctor, as somebody who signed in without a key", (cloud) => {
    const steps = (jobs["verify"]?.steps ?? []).filter((step) => step.if === `matrix.cloud == '${cloud}'`);
    const scripts = steps.map(({ run }) => run ?? "").join("\n");
    expect(scripts).toContain('"$API_URL/healthz"');
    expect(scripts).toContain("node bin/genops.mjs doctor --config");
    expect(
      steps.filter(({ uses }) => /configure-aws-credentials|azure\/login|actions\/auth/.test(uses ?? "")),
    ).toHaveLength(1);
  });

  it.each([
    ["push", "", ["aws", "azure", "gcp"]],
    ["workflow_dispatch", "aws,azure,gcp", ["aws", "azure", "gcp"]],
    ["workflow_dispatch", "aws", ["aws"]],
    ["workflow_dispatch", "gcp, azure", ["azure", "gcp"]],
    ["workflow_dispatch", " AWS ,aws", ["aws"]],
  ])("on %s with %j goes to %j, and verifies those", (event, input, clouds) => {
    const run = simulate(event, input);
    expect(run.deployed).toEqual(clouds);
    expect(run.verified).toEqual(clouds);
  });

  it.each(["", " , ", "oracle", "awsome", "aws,oracle"])("by hand with %j goes nowhere and fails", (input) => {
    expect(simulate("workflow_dispatch", input)).toEqual({
      results: { choose: "failure" },
      deployed: [],
      verified: [],
    });
  });

  it("verifies nothing when a cloud's deployment failed", () => {
    const run = simulate("push", "", { "deploy-azure": "failure" });
    expect(run.deployed).toEqual(["aws", "gcp"]);
    expect(run.verified).toEqual([]);
  });

  it("deploys nothing that was not built, and does not verify what was there before", () => {
    const run = simulate("push", "", { build: "failure" });
    expect([run.deployed, run.verified]).toEqual([[], []]);
  });

  it("runs this clone's own genops: npx would fetch a stranger's package of that name", () => {
    const scripts = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    expect(scripts.filter((script) => /\bnpx\b|npm exec/.test(script))).toEqual([]);
  });
});

type Result = "success" | "failure" | "skipped";

/** Goes through the jobs as GitHub would: the script of `choose` really runs, the conditions of the others are worked out. */
function simulate(event: string, input: string, broken: Readonly<Record<string, Result>> = {}) {
  const outputs = chooseClouds(event, input);
  if (outputs === undefined) return { results: { choose: "failure" as const }, deployed: [], verified: [] };
  const results: Record<string, Result> = { choose: "success", build: broken["build"] ?? "success" };
  for (const cloud of CLOUDS) {
    const name = `deploy-${cloud}`;
    results[name] = isTrue(jobs[name], results, outputs) ? (broken[name] ?? "success") : "skipped";
  }
  const verify = isTrue(jobs["verify"], results, outputs);
  expect(jobs["verify"]?.strategy?.matrix["cloud"]).toBe("${{ fromJSON(needs.choose.outputs.clouds) }}");
  return {
    results,
    deployed: CLOUDS.filter((cloud) => results[`deploy-${cloud}`] === "success"),
    verified: verify ? z.array(z.string()).parse(JSON.parse(outputs["clouds"] ?? "[]")) : [],
  };
}

/** What `choose` hands on; undefined when it fails. Its environment is the one that the workflow gives it. */
function chooseClouds(event: string, input: string): Record<string, string> | undefined {
  const step = jobs["choose"]?.steps.find(({ run }) => run !== undefined);
  expect(step).toMatchObject({
    run: "node scripts/choose-clouds.mjs",
    env: { EVENT_NAME: "${{ github.event_name }}", TARGET_CLOUDS: "${{ inputs.target_clouds }}" },
  });
  const folder = mkdtempSync(join(tmpdir(), "genops-choose-"));
  const file = join(folder, "output");
  try {
    const env = { ...process.env, EVENT_NAME: event, TARGET_CLOUDS: input, GITHUB_OUTPUT: file };
    execFileSync(process.execPath, [join(root, "scripts", "choose-clouds.mjs")], { env, stdio: "pipe" });
    const lines = readFileSync(file, "utf8").trim().split("\n");
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The conditions that this workflow uses. Without a word about status a job runs only if all that it needs succeeded. */
function isTrue(
  job: Job | undefined,
  results: Readonly<Record<string, Result>>,
  outputs: Readonly<Record<string, string>>,
) {
  const needs = [job?.needs ?? []].flat();
  const condition = (job?.if ?? "").replace(/^\$\{\{|\}\}$/g, "").trim();
  const aware = /\b(cancelled|failure|always|success)\(/.test(condition);
  if (!aware && needs.some((name) => results[name] !== "success")) return false;
  return condition.split("&&").every((part) => {
    const term = part.trim();
    if (term === "!cancelled()") return true;
    if (term === "!contains(needs.*.result, 'failure')") return needs.every((name) => results[name] !== "failure");
    const [, name = "", what, key = "", value] =
      /^needs\.([\w-]+)\.(result|outputs\.(\w+)) == '(\w+)'$/.exec(term) ?? [];
    expect(what, `a condition that this test does not know: ${term}`).toBeDefined();
    return (what === "result" ? results[name] : outputs[key]) === value;
  });
}
