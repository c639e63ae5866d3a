import { describe, expect, it, onTestFinished } from "vitest";
import { confirmQuarantine } from "../../shared/ledger/decide-quarantine.ts";
import { currentVersion, readHead } from "../../shared/ledger/head.ts";
import { openRows } from "../../shared/ledger/open-costs.ts";
import type { Lake } from "../../shared/ports/object-store.ts";
import { createCollectDeps, createFolders, LIMITS } from "../support/collect-deps.ts";
import { createFaultyLake, type WriteFault } from "../support/faulty-lake.ts";
import type { BillLine } from "../support/focus-bill.ts";
import { createLedgerFixture, type LedgerFixture, QUERY } from "../support/ledger-fixture.ts";
import type { OpenLake } from "./object-store.contract.ts";

const SMALL: BillLine[] = [
  { billed: "0.000000000000000001" },
  { billed: "99999999999.999999999999999999", day: "2024-09-02", service: "Amazon S3" },
  { billed: "-3.30", day: "2024-09-03" },
];
const LARGE: BillLine[] = [...SMALL, { billed: "7.25", day: "2024-09-04" }];
const SMALL_TOTAL = "99999999996.7";
const LARGE_TOTAL = "100000000003.95";

const stop = () => {
  throw new Error("stopped");
};

/** L1–L6 with the real engine and real rows over any lake; `make` gives an empty one each time. One write in `everyNth` is stopped. */
export function collectContract(name: string, make: () => Promise<OpenLake>, { everyNth }: { everyNth: number }): void {
  async function ledgerOver(lake: Lake): Promise<LedgerFixture> {
    const folders = createFolders();
    onTestFinished(() => folders.clean());
    return createLedgerFixture(folders, createCollectDeps("", lake));
  }

  async function currentTotal(lake: Lake): Promise<string> {
    const head = await readHead(lake, "any", "2024-09");
    return head === undefined ? "nothing" : (currentVersion(head.value).totals[0]?.billed ?? "");
  }

  describe(`collect over ${name}`, { timeout: 120_000 }, () => {
    it("L1, L3: keeps totals to the last digit, for another process too, and changes nothing the second time", async () => {
      const open = await make();
      const writer = await ledgerOver(await open());
      const [first] = await writer.load(SMALL);
      expect(first).toMatchObject({ status: "replaced" });
      expect(first?.control).toEqual(expect.arrayContaining([expect.objectContaining({ difference: "0" })]));
      expect(await writer.load(SMALL)).toMatchObject([{ status: "unchanged" }]);
      const reader = await ledgerOver(await open());
      expect((await reader.report()).totals).toEqual([{ currency: "USD", amount: SMALL_TOTAL }]);
      const rows = await reader.withCosts(async (costs) => {
        await openRows(costs, QUERY);
        return costs.engine.query(
          "SELECT source, billing_period, count(*)::INT AS n, sum(BilledCost) AS billed FROM cost_rows GROUP BY ALL",
        );
      });
      expect(rows).toEqual([
        { source: "any", billing_period: "2024-09", n: 3, billed: `${SMALL_TOTAL}00000000000000000` },
      ]);
    });

    it("L4: reads what was known before a period was restated", async () => {
      const open = await make();
      const ledger = await ledgerOver(await open());
      await ledger.load(SMALL);
      const head = await readHead(ledger.deps.lake, "any", "2024-09");
      const asOf = new Date(head === undefined ? 0 : currentVersion(head.value).committedAt);
      await ledger.load(LARGE);
      const reader = await ledgerOver(await open());
      expect((await reader.report()).totals).toEqual([{ currency: "USD", amount: LARGE_TOTAL }]);
      expect((await reader.report({ asOf })).totals).toEqual([{ currency: "USD", amount: SMALL_TOTAL }]);
      expect((await reader.report({ asOf: new Date(asOf.getTime() - 1) })).totals).toEqual([]);
    });

    it("L5: keeps the old version of a period that shrank until a person has confirmed it", async () => {
      const ledger = await ledgerOver(await (await make())());
      await ledger.load(LARGE, { allowShrink: false });
      const [shrunk] = await ledger.load(SMALL.slice(0, 1), { allowShrink: false });
      expect(shrunk).toMatchObject({ status: "quarantined" });
      expect((await ledger.report()).totals).toEqual([{ currency: "USD", amount: LARGE_TOTAL }]);
      await confirmQuarantine(ledger.deps, shrunk?.quarantine ?? "", LIMITS);
      expect((await ledger.report()).totals).toEqual([{ currency: "USD", amount: "0.000000000000000001" }]);
    });

    it("L6: lets two processes collect the same bill at once into one version", async () => {
      const open = await make();
      const [one, two] = [await ledgerOver(await open()), await ledgerOver(await open())];
      const runs = await Promise.all([one.load(LARGE), two.load(LARGE)]);
      expect(
        runs
          .flat()
          .map(({ status }) => status)
          .sort(),
      ).toEqual(["replaced", "unchanged"]);
      expect((await (await ledgerOver(await open())).report()).totals).toEqual([
        { currency: "USD", amount: LARGE_TOTAL },
      ]);
    });

    it("L2: stopped at any write it leaves the old total or the new one, and the next run completes it", async () => {
      const rehearsal = createFaultyLake(await (await make())());
      const rehearsed = await ledgerOver(rehearsal);
      await rehearsed.load(SMALL);
      const before = rehearsal.writes();
      await rehearsed.load(LARGE);
      const writes = rehearsal.writes() - before;
      expect(writes).toBeGreaterThanOrEqual(5);
      for (let at = 1; at <= writes; at += everyNth) {
        const open = await make();
        await (await ledgerOver(await open())).load(SMALL);
        const fault: WriteFault = { at, when: at % (2 * everyNth) === 1 ? "after" : "before", stop };
        const stopped = await ledgerOver(createFaultyLake(await open(), fault));
        await stopped.load(LARGE).catch(() => undefined);
        const lake = await open();
        expect([SMALL_TOTAL, LARGE_TOTAL]).toContain(await currentTotal(lake));
        await (await ledgerOver(lake)).load(LARGE);
        expect(await currentTotal(lake)).toBe(LARGE_TOTAL);
      }
    });
  });
}
