import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { beforeAll, describe, expect, it } from "vitest";
import { type BacktestOptions, backtest } from "../../../../functions/local/commands/backtest.ts";
import { csvOf } from "../../../bench/anomalies/cost-data.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { genops } from "./cli-support.ts";

const folders = createFolders();
let folder: string;

/** A folder without configuration and without a lake. */
beforeAll(async () => {
  folder = await folders.make();
  await writeFile(join(folder, "obs.csv"), csvOf([13], 1));
});

interface Line {
  kind: string;
  series: string;
  observed_at?: string;
  alerted_at?: string;
}

/** A slow reader: it takes what it gets only on the next turn. */
async function run(options: Partial<BacktestOptions> = {}): Promise<{ text: string; lines: Line[] }> {
  const parts: string[] = [];
  const output = new Writable({
    highWaterMark: 1024,
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      parts.push(chunk);
      setImmediate(done);
    },
  });
  const observations = join(folder, "obs.csv");
  await backtest({ observations, falseAlertsPer90d: "1", interval: "auto", floor: "0", ...options }, output, () => {});
  const text = parts.join("");
  const lines = text.split("\n").filter((line) => line !== "");
  return { text, lines: lines.map((line) => JSON.parse(line) as Line) };
}

describe("genops anomalies backtest", () => {
  it("prints JSON lines, without configuration and lake", async () => {
    const words = ["--observations", "obs.csv", "--false-alerts-per-90d", "0.25", "--format", "jsonl"];
    const { code, stdout, stderr } = await genops(folder, ["anomalies", "backtest", ...words]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^{"kind":"alert","series":"13-s0001",.+}\n/);
    expect(stdout).toBe((await run({ falseAlertsPer90d: "0.25" })).text);
  });

  it("says with 2 what is wrong with the call or the file", async () => {
    await writeFile(join(folder, "broken.csv"), "series,charge_time,observed_at,cost\na,2026-07-20,2026-07-21,x\n");
    const words = ["anomalies", "backtest", "--false-alerts-per-90d", "1", "--observations"];
    const [broken, format, missing] = await Promise.all([
      genops(folder, [...words, "broken.csv"]),
      genops(folder, [...words, "obs.csv", "--format", "csv"]),
      genops(folder, words.slice(0, -1)),
    ]);
    expect(broken).toMatchObject({
      code: 2,
      stdout: "",
      stderr: 'genops: expected a number below 1e20, found "x" (file broken.csv, line 2, column cost)\n',
    });
    expect(format).toMatchObject({ code: 2, stderr: "genops: --format csv: use jsonl\n" });
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain("--observations <file>");
  });

  it("gives scores in the order of time where they are wanted, as fast as they are read", async () => {
    const { lines } = await run({ scores: true });
    const scores = lines.filter(({ kind }) => kind === "score");
    expect(scores.length).toBeGreaterThan(300);
    const times = lines.map((line) => line.observed_at ?? line.alerted_at ?? "");
    expect(times).toEqual(times.toSorted());
    const alerts = lines.filter(({ kind }) => kind === "alert");
    expect((await run()).lines).toEqual(alerts);
  });

  it("says less with a smaller dial and with a floor", async () => {
    const often = (await run()).lines.length;
    expect(often).toBeGreaterThan((await run({ falseAlertsPer90d: "0.1" })).lines.length);
    expect(often).toBeGreaterThan((await run({ floor: "1e9" })).lines.length);
  });

  it.each([
    [{ falseAlertsPer90d: "2" }, "--false-alerts-per-90d 2: use 1, 0.25 or 0.1"],
    [{ falseAlertsPer90d: "" }, "--false-alerts-per-90d : use 1, 0.25 or 0.1"],
    [{ interval: "5s" }, "--interval 5s: use auto or a length such as 5m, 1h or 1d"],
    [{ interval: "0m" }, "--interval 0m"],
    [{ interval: "7d" }, "has a period every 1440m; use that or auto"],
    [{ floor: "-1" }, "--floor -1: write an amount, 0 or more"],
    [{ floor: "" }, "--floor : write an amount"],
    [{ observations: "/nowhere.csv" }, "the observations cannot be read: ENOENT"],
  ])("refuses %j", async (options, message) => {
    await expect(run(options)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining(message) as string,
    });
  });

  it.each([
    ["1m", 60_000],
    ["10m", 600_000],
    ["30m", 1_800_000],
    ["1h", 3_600_000],
    ["1d", 86_400_000],
  ])("takes the interval %s, which auto finds by itself", async (interval, step) => {
    const rows = Array.from({ length: 40 }, (_none, index) => {
      const time = new Date(Date.parse("2026-03-01T00:00:00Z") + index * step).toISOString();
      return `m,${time},${time},${index === 35 ? 0.05 : 0.01 + (index % 3) / 1000}\n`;
    });
    const observations = join(folder, `${interval}.csv`);
    await writeFile(observations, `series,charge_time,observed_at,cost\n${rows.join("")}`);
    const { text, lines } = await run({ observations, interval, scores: true });
    expect(lines.length).toBeGreaterThan(0);
    expect((await run({ observations, scores: true })).text).toBe(text);
  });
});
