import { afterAll, describe, expect, it } from "vitest";
import { GenOpsError } from "../../../shared/core/errors.ts";
import { openRecentUnitCosts } from "../../../shared/usecases/recent-costs.ts";
import { createFolders } from "../../support/collect-deps.ts";
import { createLedgerFixture } from "../../support/ledger-fixture.ts";
import { testClock } from "../governance/support.ts";

const folders = createFolders();
afterAll(() => folders.clean());

describe("openRecentUnitCosts", () => {
  it("opens the relation, and says whose rows it could not have", async () => {
    const ledger = await createLedgerFixture(folders);
    await ledger.load([{ billed: "1" }]);
    const { lake } = ledger.deps;
    const notes: string[] = [];
    const surroundings = {
      asOf: undefined,
      clock: testClock("2024-11-15T00:00:00Z"),
      progress: { report: () => {}, note: (text: string) => void notes.push(text) },
    };
    const refused = () => Promise.reject(new GenOpsError("refused", "they stay there"));
    const elsewhere = {
      ...lake,
      getFile: (key: string) => (key.startsWith("rows/") ? refused() : lake.getFile(key)),
    };
    const count = (from: typeof lake) =>
      ledger.withCosts(async (deps) => {
        const relation = await openRecentUnitCosts(surroundings, { ...deps, lake: from });
        const [row] = await deps.engine.query(`SELECT count(*)::INTEGER AS n FROM ${relation}`);
        return row?.["n"];
      });
    expect(await count(elsewhere)).toBe(0);
    expect(notes).toEqual(["unit costs of any are not judged: their rows stay where they are"]);
    expect(await count(lake)).toBe(0);
    expect(notes).toHaveLength(1);
  });
});
