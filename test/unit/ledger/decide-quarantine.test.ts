import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { collectSources } from "../../../shared/ledger/collect/collect-source.ts";
import { confirmQuarantine, discardQuarantine } from "../../../shared/ledger/decide-quarantine.ts";
import { currentVersion, readHead } from "../../../shared/ledger/head.ts";
import { listQuarantines, readQuarantine } from "../../../shared/ledger/quarantine.ts";
import { replacePeriod } from "../../../shared/ledger/replace-period.ts";
import type { PeriodVersion } from "../../../shared/ledger/versions.ts";
import { createFolders, LIMITS } from "../../support/collect-deps.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { createFaultyLake } from "../../support/faulty-lake.ts";
import { type BillLine, focusCsv } from "../../support/focus-bill.ts";
import { createLedgerFixture, type LedgerFixture } from "../../support/ledger-fixture.ts";
import { createMemoryLake } from "../../support/memory-lake.ts";

const folders = createFolders();
afterAll(() => folders.clean());

const FULL: BillLine[] = Array.from({ length: 10 }, (_, index) => ({
  billed: "10",
  day: `2024-09-${String(index + 1).padStart(2, "0")}`,
}));
const FULLER: BillLine[] = [...FULL, { billed: "1" }];
const SMALL = FULL.slice(0, 3);

let ledger: LedgerFixture;
beforeEach(async () => {
  ledger = await createLedgerFixture(folders);
  expect(await load(FULL)).toMatchObject([{ status: "replaced" }]);
});

const load = (lines: readonly BillLine[]) => ledger.load(lines, { allowShrink: false });
const total = async () => (await ledger.report()).totals[0]?.amount ?? "nothing";

async function quarantined(lines: readonly BillLine[]): Promise<string> {
  const [run] = await load(lines);
  expect(run?.status).toBe("quarantined");
  return run?.quarantine ?? "";
}

async function rowFiles(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of ledger.deps.lake.list("rows/")) keys.push(key);
  return keys;
}

describe("confirmQuarantine", () => {
  it.each([
    ["a shrunk delivery", () => load(SMALL), "30"],
    ["an empty delivery", () => load([]), "nothing"],
  ])("loads %s, and the same delivery again is unchanged", async (_name, deliver, amount) => {
    const [run] = await deliver();
    expect(run?.status).toBe("quarantined");
    expect(await total()).toBe("100");
    const { quarantine, outcome } = await confirmQuarantine(ledger.deps, run?.quarantine ?? "", LIMITS);
    expect([quarantine.state, outcome.status]).toEqual(["confirmed", "replaced"]);
    expect(await total()).toBe(amount);
    expect((await deliver()).map(({ status }) => status)).toEqual(["unchanged"]);
    expect(await total()).toBe(amount);
  });

  it("tells once that costs changed", async () => {
    const id = await quarantined(SMALL);
    ledger.deps.published.length = 0;
    await confirmQuarantine(ledger.deps, id, LIMITS);
    await confirmQuarantine(ledger.deps, id, LIMITS);
    expect(ledger.deps.published.map(({ type }) => type)).toEqual(["genops.costs.changed"]);
  });

  it("does nothing the second time, even when something newer was loaded since", async () => {
    const id = await quarantined(SMALL);
    await confirmQuarantine(ledger.deps, id, LIMITS);
    await load(FULLER);
    expect(await total()).toBe("101");
    const again = await confirmQuarantine(ledger.deps, id, LIMITS);
    expect([again.quarantine.state, again.outcome.status]).toEqual(["confirmed", "unchanged"]);
    expect(await total()).toBe("101");
  });

  it("cannot be done after a discard, nor a discard after it", async () => {
    const first = await quarantined(SMALL);
    await discardQuarantine(ledger.deps, first);
    await expect(confirmQuarantine(ledger.deps, first, LIMITS)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("already discarded"),
    });
    const second = await quarantined(FULL.slice(0, 2));
    await confirmQuarantine(ledger.deps, second, LIMITS);
    await expect(discardQuarantine(ledger.deps, second)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("already confirmed"),
    });
    expect(await total()).toBe("20");
  });

  it("keeps the old version readable as of before", async () => {
    const id = await quarantined(SMALL);
    const before = new Date();
    await confirmQuarantine(
      { ...ledger.deps, clock: createFakeClock(new Date(Date.now() + 5000).toISOString()) },
      id,
      LIMITS,
    );
    expect((await ledger.report({ asOf: before })).totals).toEqual([{ currency: "USD", amount: "100" }]);
    expect(await total()).toBe("30");
  });

  it("asks again when a confirmed content comes back over something larger", async () => {
    const first = await quarantined(SMALL);
    await confirmQuarantine(ledger.deps, first, LIMITS);
    expect(await load(FULLER)).toMatchObject([{ status: "replaced" }]);
    const again = await quarantined(SMALL);
    expect(await readQuarantine(ledger.deps.lake, again)).toMatchObject({ state: "waiting" });
    expect(await total()).toBe("101");
    await confirmQuarantine(ledger.deps, again, LIMITS);
    expect(await total()).toBe("30");
  });

  it("asks again when a confirmed emptiness comes back over something larger", async () => {
    const first = await quarantined([]);
    await confirmQuarantine(ledger.deps, first, LIMITS);
    expect(await load(FULLER)).toMatchObject([{ status: "replaced" }]);
    const again = await quarantined([]);
    expect(await total()).toBe("101");
    await confirmQuarantine(ledger.deps, again, LIMITS);
    expect(await total()).toBe("nothing");
  });

  it("refuses to empty a period that nobody can name", async () => {
    const fresh = await createLedgerFixture(folders);
    const [run] = await fresh.load([]);
    expect(run).toMatchObject({ status: "quarantined", period: "" });
    await expect(confirmQuarantine(fresh.deps, run?.quarantine ?? "", LIMITS)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("discard it"),
    });
    expect(await discardQuarantine(fresh.deps, run?.quarantine ?? "")).toMatchObject({ state: "discarded" });
  });
});

describe("discardQuarantine", () => {
  it.each([
    ["a shrunk delivery", SMALL],
    ["an empty delivery", []],
  ])("keeps what was loaded before, and %s again is unchanged and says why", async (_name, lines) => {
    const id = await quarantined(lines);
    expect(await discardQuarantine(ledger.deps, id)).toMatchObject({ state: "discarded" });
    expect(await discardQuarantine(ledger.deps, id)).toMatchObject({ state: "discarded" });
    const head = await readHead(ledger.deps.lake, "any", "2024-09");
    const [run] = await load(lines);
    expect(run).toMatchObject({
      status: "unchanged",
      period: "2024-09",
      rows: 10,
      billedCost: [{ currency: "USD", amount: "100" }],
    });
    expect(run?.version).toBe(head === undefined ? "" : currentVersion(head.value).id);
    expect(run?.messages.join()).toContain(`discarded before (${id})`);
    expect(await total()).toBe("100");
  });

  it("removes the rows that nobody believed, and only those", async () => {
    const before = await rowFiles();
    const id = await quarantined(SMALL);
    expect((await rowFiles()).length).toBeGreaterThan(before.length);
    await discardQuarantine(ledger.deps, id);
    expect(await rowFiles()).toEqual(before);
    await load(SMALL);
    expect(await rowFiles()).toEqual(before);
  });
});

describe("a quarantine", () => {
  it("is one, with one set of files, however often the same delivery comes", async () => {
    const first = await quarantined(SMALL);
    const files = await rowFiles();
    expect([await quarantined(SMALL), await quarantined(SMALL)]).toEqual([first, first]);
    expect(await rowFiles()).toEqual(files);
    expect(await listQuarantines(ledger.deps.lake)).toHaveLength(1);
  });

  it.each(["nothing", "", "../heads/any/2024-09", "a/b", "x~1", "any-2024-09-000000000000"])(
    "with the unknown id %j is a usage error",
    async (id) => {
      for (const decide of [
        () => confirmQuarantine(ledger.deps, id, LIMITS),
        () => discardQuarantine(ledger.deps, id),
        () => readQuarantine(ledger.deps.lake, id),
      ]) {
        await expect(decide()).rejects.toMatchObject({ code: "usage", message: expect.stringContaining(`"${id}"`) });
      }
    },
  );

  it("of an unreadable delivery of one source does not hold up another", async () => {
    await writeFile(path.join(ledger.folder, "any.csv"), focusCsv(SMALL));
    await writeFile(path.join(ledger.folder, "other.csv"), focusCsv([{ billed: "5" }]));
    const sources = ["any", "other"].map((id) => ({ id, type: "focus-export" as const, location: `${id}.csv` }));
    const runs = await collectSources(ledger.deps, { sources, periods: [], force: false, baseDir: ledger.folder });
    expect(runs.map(({ source, status }) => [source, status])).toEqual([
      ["any", "quarantined"],
      ["other", "replaced"],
    ]);
  });
});

describe("a quarantine of a control total that does not match", () => {
  const wrong: PeriodVersion = {
    id: "v1",
    source: "aws",
    billingPeriod: "2024-09",
    contentHash: "0123456789abcdef",
    sourceInstant: "2024-09-30T00:00:00.000Z",
    rows: 1,
    totals: [{ currency: "USD", billed: "10", effective: "10", absoluteBilled: "10" }],
    control: [{ metric: "BilledCost", currency: "USD", amount: "9", difference: "1" }],
    parts: [{ key: "rows/v1.parquet", rows: 1, bytes: 1 }],
    providers: ["aws"],
    conformance: [],
    messages: [],
  };
  const options = { limits: LIMITS, allowShrink: true };

  function setUp(lake = createMemoryLake()) {
    const clock = createFakeClock();
    return { lake, clock, events: { publish: () => Promise.resolve() } };
  }

  it("is loaded by a person's confirmation only, not by allowShrink", async () => {
    const deps = setUp();
    const outcome = await replacePeriod(deps, wrong, deps.clock.now(), options);
    const id = outcome.status === "quarantined" ? outcome.quarantine.id : "";
    expect(outcome).toMatchObject({
      status: "quarantined",
      quarantine: { reason: "control-mismatch", detail: expect.stringContaining("by 1") },
    });
    await confirmQuarantine(deps, id, LIMITS);
    expect((await readHead(deps.lake, "aws", "2024-09"))?.value.versions.map((version) => version.id)).toEqual(["v1"]);
    expect(await replacePeriod(deps, { ...wrong, id: "v2" }, deps.clock.now(), options)).toMatchObject({
      status: "unchanged",
    });
  });

  it("ends confirmed and loaded, or as it was, when the decision stops at any write; doing it again completes it", async () => {
    const waiting = async () => {
      const lake = createMemoryLake();
      const outcome = await replacePeriod(setUp(lake), wrong, new Date("2024-10-01T00:00:00Z"), options);
      return { lake, id: outcome.status === "quarantined" ? outcome.quarantine.id : "" };
    };
    const rehearsal = await waiting();
    const counted = createFaultyLake(rehearsal.lake);
    await confirmQuarantine({ ...setUp(), lake: counted }, rehearsal.id, LIMITS);
    expect(counted.writes()).toBeGreaterThanOrEqual(3);
    for (let at = 1; at <= counted.writes(); at++) {
      for (const when of ["before", "after"] as const) {
        const { lake, id } = await waiting();
        const stop = () => {
          throw new Error("stopped");
        };
        const deps = setUp(lake);
        await expect(
          confirmQuarantine({ ...deps, lake: createFaultyLake(lake, { at, when, stop }) }, id, LIMITS),
        ).rejects.toThrow("stopped");
        // The other decision is refused as soon as the first may have taken effect.
        if (at % 2 === 0) await discardQuarantine(deps, id).catch(() => undefined);
        const state = (await readQuarantine(lake, id)).state;
        if (state === "discarded") {
          expect(await readHead(lake, "aws", "2024-09")).toBeUndefined();
        } else {
          await confirmQuarantine(deps, id, LIMITS);
          const head = await readHead(lake, "aws", "2024-09");
          expect(head?.value.versions.map((version) => version.id)).toEqual(["v1"]);
          expect((await readQuarantine(lake, id)).state).toBe("confirmed");
        }
      }
    }
  });

  it("is either loaded with its rows or discarded when two people decide at once", async () => {
    for (let round = 0; round < 10; round++) {
      const deps = setUp();
      const outcome = await replacePeriod(deps, wrong, deps.clock.now(), options);
      await deps.lake.put("rows/v1.parquet", new TextEncoder().encode("rows"));
      const id = outcome.status === "quarantined" ? outcome.quarantine.id : "";
      const later = async () => {
        for (let turn = 0; turn < round; turn++) await new Promise((resolve) => setImmediate(resolve));
        return discardQuarantine(deps, id);
      };
      const results = await Promise.allSettled([confirmQuarantine(deps, id, LIMITS), later()]);
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      const head = await readHead(deps.lake, "aws", "2024-09");
      const hasRows = (await deps.lake.get("rows/v1.parquet")) !== undefined;
      expect([head !== undefined, (await readQuarantine(deps.lake, id)).state]).toEqual(
        hasRows ? [true, "confirmed"] : [false, "discarded"],
      );
    }
  });
});
