import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromInteger } from "../../../../shared/core/decimal.ts";
import { findingKey } from "../../../../shared/governance/findings/finding-key.ts";
import { reconcileFindings } from "../../../../shared/governance/findings/reconcile-findings.ts";
import { createFileLake } from "../../../../shared/platforms/local/file-lake.ts";
import { createSystemClock, createSystemRandomness } from "../../../../shared/platforms/local/system.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { anomaly } from "../../governance/anomalies/feedback/support.ts";
import { observation, recordingBus } from "../../governance/support.ts";
import { genops } from "./cli-support.ts";

const folders = createFolders();
const seen = anomaly({
  rule: "unusual-cost",
  title: "Compute of aws costs 4.1 × what was expected since 2024-09-18",
  amount: fromInteger(140),
  evidence: {
    rows: 3,
    contributors: [
      { keys: { account: "111" }, amount: fromInteger(112) },
      { keys: { account: "" }, amount: fromInteger(28) },
    ],
    settledShare: "0.67",
    waitsFor: "",
    facts: {
      since: "2024-09-18",
      day: "2024-09-19",
      actual: "90",
      expected: "20",
      lower: "15",
      upper: "26",
      score: "7.10",
      channel: "point",
      direction: "up",
      totalActual: "180",
      totalExpected: "40",
      rules: "unusual-cost, over-yesterday",
      surprise: "412, 80",
      history: "2024-09-15 20,21,20,90,90",
    },
  },
});
const KEY = findingKey(seen).slice(-12);
const budget = observation();
let folder: string;

beforeAll(async () => {
  folder = await folders.make();
  await writeFile(path.join(folder, "genops.yaml"), "lake: file:./lake\n");
  const store = createFileLake(path.join(folder, "lake"), createSystemRandomness());
  const deps = { store, clock: createSystemClock(), events: recordingBus() };
  await reconcileFindings(deps, { observations: [seen, budget], covers: () => undefined });
});
afterAll(() => folders.clean());

const run = (...words: string[]) => genops(folder, ["anomalies", ...words]);

/** One story, in order: each command sees what the one before left. */
describe("genops anomalies", () => {
  it("lists what is open with its history, and explains one of them", async () => {
    const list = await run();
    expect(list.stdout).toContain("2024-09-18");
    expect(list.stdout).toContain("▃▃▃[██]");
    expect(list.stdout).toContain(KEY);
    const explained = await run("--explain", KEY);
    expect(explained.code).toBe(0);
    for (const text of [
      "Expected  40.00 USD",
      "Usual     15.00 USD to 26.00 USD on 2024-09-19, which cost 90.00 USD",
      "Actual    180.00 USD since 2024-09-18",
      "Excess    140.00 USD",
      "Seen by   unusual-cost, over-yesterday (point, score 7.10)",
      "account 111",
      "112.00 USD (80 %)",
      "41.2 %",
      "no account",
      "67 % of its cost is settled so far",
      "Nobody has said anything about this series.",
      `genops anomalies feedback ${KEY} expected`,
    ]) {
      expect(explained.stdout).toContain(text);
    }
  });

  it("answers in JSON too", async () => {
    const explained = await run("--explain", KEY, "--format", "json");
    expect(explained.json()).toMatchObject({
      amount: "140",
      anomaly: { range: { lower: "15", upper: "26" }, total: { actual: "180", expected: "40" } },
      contributors: [{ what: "account 111", amount: "112.00 USD (80 %)" }, { what: "no account" }],
      feedback: [],
    });
  });

  it("refuses keys that are none, and findings that are no anomalies", async () => {
    const unknown = await run("feedback", "nope", "wrong");
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('there is no finding "nope"')]);
    const other = await run("--explain", findingKey(budget).slice(-12));
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("is no anomaly")]);
  });

  it("takes feedback, shows it, and takes it back", async () => {
    const given = await run("feedback", KEY, "planned", "--to", "2024-09-25", "--by", "ada", "--note", "load test");
    expect(given.stdout).toContain("planned by ada, 2024-09-18 to 2024-09-25: nobody is told about these days.");
    expect(given.stdout).toContain(`genops anomalies feedback undo ${KEY}-1`);
    const explained = await run("--explain", KEY);
    expect(explained.stdout).toContain("Said about this series:");
    expect(explained.stdout).toContain("it is closed: planned by ada");
    const undone = await run("feedback", "undo", `${KEY}-1`, "--by", "bob");
    expect(undone.stdout).toContain("The next evaluation opens the finding again if it is still true.");
    const after = await run("feedback", "list", "--format", "json");
    expect(after.json()).toMatchObject({ feedback: [{ inForce: false, undone: { by: "bob" } }] });
  });
});
