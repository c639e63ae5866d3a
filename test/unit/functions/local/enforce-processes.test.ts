import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { createFolders } from "../../../support/collect-deps.ts";
import { type EnforceWorld, openEnforceWorld } from "../../../support/enforce-world.ts";
import { genops } from "./cli-support.ts";

const CLI = fileURLToPath(new URL("../../../../functions/local/cli.ts", import.meta.url));
const folders = createFolders();
afterAll(() => folders.clean());

const open = () => openEnforceWorld({ folders, now: new Date().toISOString() });
const isWrite = ({ method, query }: { method: string; query: URLSearchParams }) =>
  method !== "GET" && !query.has("dryRun");
const enforce = ({ folder }: EnforceWorld, ...args: readonly string[]) => genops(folder, ["enforce", ...args]);

/** What is in the cluster, without what a server counts up. */
function objects({ server }: EnforceWorld): Record<string, unknown> {
  return server.snapshot({ stripped: true });
}

/** A run that is killed when the server has taken its nth write and has not answered yet. */
function killedAt({ folder, server }: EnforceWorld, nth: number): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [CLI, "enforce", "apply", "--no-verify"], { cwd: folder, stdio: "ignore" });
  let seen = 0;
  const off = server.onRequest(isWrite, () => {
    seen += 1;
    if (seen === nth) child.kill("SIGKILL");
  });
  return new Promise((resolve) =>
    child.on("close", (_code, signal) => {
      off();
      resolve(signal);
    }),
  );
}

describe("enforce apply as a process", () => {
  it.each([
    [0, 1],
    [0, 2],
    [1, 1],
    [1, 2],
  ])(
    "is completed by the next run when it is killed in run %i at write %i, and everything comes back",
    async (run1, nth) => {
      const world = await open();
      const before = objects(world);
      await world.stands(96);
      for (let run = 0; run < run1; run++) await enforce(world, "apply", "--no-verify");
      expect(await killedAt(world, nth)).toBe("SIGKILL");
      for (let run = 0; run < 2; run++) expect((await enforce(world, "apply", "--no-verify")).code).toBe(0);
      expect([world.replicas("batch"), world.replicas("trainer")]).toEqual([1, 1]);
      expect((await enforce(world, "restore", "--all")).code).toBe(0);
      expect(objects(world)).toEqual(before);
    },
  );

  it("may run twice at once", async () => {
    const world = await open();
    const before = objects(world);
    await world.stands(96);
    for (let round = 0; round < 2; round++) {
      const runs = await Promise.all([1, 2].map(() => enforce(world, "apply", "--no-verify")));
      expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual([
        [0, ""],
        [0, ""],
      ]);
    }
    expect([world.replicas("batch"), world.replicas("trainer")]).toEqual([1, 1]);
    const runs = await Promise.all([1, 2].map(() => enforce(world, "restore", "--all")));
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    expect(objects(world)).toEqual(before);
  });

  it("writes nothing without a lake that can be written; what is held comes back without one", async () => {
    const world = await open();
    const before = objects(world);
    await world.stands(96);
    const nowhere = ["--lake", `file:${path.join(world.folder, "genops.yaml", "lake")}`];
    const apply = await enforce(world, "apply", ...nowhere);
    expect([apply.code, objects(world)]).toEqual([3, before]);
    await enforce(world, "apply", "--no-verify");
    await enforce(world, "apply", "--no-verify");
    expect(world.replicas("batch")).toBe(1);
    await rm(path.join(world.folder, "lake"), { recursive: true });
    const restore = await enforce(world, "restore", "--all", "--from-annotations", "--lake", "file:./other");
    expect([restore.code, restore.stderr]).toEqual([0, ""]);
    expect(objects(world)).toEqual(before);
  });
});
