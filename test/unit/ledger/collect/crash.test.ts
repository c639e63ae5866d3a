import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { currentVersion, readHead } from "../../../../shared/ledger/head.ts";
import { createCollectDeps, createFolders } from "../../../support/collect-deps.ts";
import { writeFocusBill } from "../../../support/focus-bill.ts";

const run = promisify(execFile);
const CHILD = fileURLToPath(new URL("../../../support/collect-child.ts", import.meta.url));
const folders = createFolders();
afterAll(() => folders.clean());

interface ChildReport {
  writes: number;
  runs: { status: string; messages: string[] }[];
}

async function child(lake: string, bill: string, at: number, when: string): Promise<ChildReport | "killed"> {
  try {
    const { stdout } = await run(process.execPath, [CHILD, lake, bill, String(at), when], {
      env: { ...process.env, TMPDIR: await folders.make() },
    });
    return JSON.parse(stdout) as ChildReport;
  } catch (error) {
    if (error instanceof Error && "signal" in error && error.signal === "SIGKILL") return "killed";
    throw error;
  }
}

async function total(lake: string): Promise<string> {
  const head = await readHead(createCollectDeps(lake).lake, "any", "2024-09");
  return head === undefined ? "nothing" : (currentVersion(head.value).totals[0]?.billed ?? "");
}

describe("collect, killed", () => {
  it("at any write leaves the old total or the new one, and the next run completes it", {
    timeout: 240_000,
  }, async () => {
    const bills = await folders.make();
    const [old, fresh] = [path.join(bills, "a.csv"), path.join(bills, "b.csv")];
    await writeFocusBill(old, [{ billed: "10.5" }, { billed: "2.5", day: "2024-09-02" }]);
    await writeFocusBill(fresh, [
      { billed: "10.5" },
      { billed: "2.5", day: "2024-09-02" },
      { billed: "7", day: "2024-09-03" },
    ]);
    const start = await folders.make();
    await child(start, old, 0, "before");
    const rehearsal = await folders.make();
    await cp(start, rehearsal, { recursive: true });
    const report = await child(rehearsal, fresh, 0, "before");
    const writes = report === "killed" ? 0 : report.writes;
    expect(await total(rehearsal)).toBe("20");
    expect(writes).toBeGreaterThanOrEqual(5);

    for (let at = 1; at <= writes; at++) {
      for (const when of ["before", "after"]) {
        const lake = await folders.make();
        await cp(start, lake, { recursive: true });
        expect(await child(lake, fresh, at, when)).toBe("killed");
        expect(["13", "20"]).toContain(await total(lake));
        const again = await child(lake, fresh, 0, "before");
        expect(again === "killed" ? again : again.runs.map(({ status }) => status)).toSatisfy(
          (statuses: string[]) => statuses.length === 1 && /replaced|unchanged/.test(statuses[0] ?? ""),
        );
        expect(await total(lake)).toBe("20");
      }
    }
  });
});
