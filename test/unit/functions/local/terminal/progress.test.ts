import { describe, expect, it } from "vitest";
import { createTerminalProgress } from "../../../../../functions/local/terminal/progress.ts";

function terminal(isTTY: boolean) {
  const written: string[] = [];
  let nowMs = 0;
  const stream = { isTTY, columns: 80, write: (text: string) => written.push(text) };
  const progress = createTerminalProgress(stream, { now: () => new Date(nowMs) });
  return { progress, written, pass: (ms: number) => (nowMs += ms) };
}

describe("createTerminalProgress on a terminal", () => {
  it("updates one line with amount, rate and time left", () => {
    const { progress, written, pass } = terminal(true);
    progress.report("reading aws", 0, 1_000_000, "rows");
    pass(2000);
    progress.report("reading aws", 500_000, 1_000_000, "rows");
    expect(written.at(-1)).toBe(
      "\r\u001b[2Kreading aws · 50 % · 500,000 rows of 1,000,000 rows · 250,000 rows/s · 2 s left",
    );
    expect(written.join("")).not.toContain("\n");
  });

  it("writes at most ten times a second, and the end of a step always", () => {
    const { progress, written, pass } = terminal(true);
    for (let done = 0; done <= 1000; done += 1) {
      progress.report("rows", done, 1000, "rows");
      pass(1);
    }
    expect(written.length).toBeLessThanOrEqual(12);
    expect(written.at(-1)).toContain("100 %");
  });

  it("shows bytes without a total", () => {
    const { progress, written, pass } = terminal(true);
    progress.report("loading", 0, undefined, "bytes");
    pass(1000);
    progress.report("loading", 2_500_000, undefined, "bytes");
    expect(written.at(-1)).toBe("\r\u001b[2Kloading · 2.5 MB · 2.5 MB/s");
  });

  it("clears its line before a note and at the end, and escapes the note", () => {
    const { progress, written } = terminal(true);
    progress.report("x", 1, 2, "files");
    progress.note("bad \u001b[2J name");
    progress.close();
    expect(written.slice(1)).toEqual(["\r\u001b[2K", "bad \\x1b[2J name\n"]);
  });

  it("never wraps", () => {
    const { progress, written } = terminal(true);
    progress.report("s".repeat(200), 1, 2, "files");
    expect((written[0] ?? "").length).toBeLessThanOrEqual(80 + "\r\u001b[2K".length);
  });

  it("tells long waits in minutes and hours", () => {
    const { progress, written, pass } = terminal(true);
    progress.report("x", 0, 1000, "files");
    pass(10_000);
    progress.report("x", 100, 1000, "files");
    pass(10_000);
    progress.report("x", 101, 100_000, "files");
    expect(written[1]).toContain("1 min 30 s left");
    expect(written[2]).toContain("5 h 29 min left");
  });
});

describe("createTerminalProgress elsewhere", () => {
  it("is silent about quick steps and writes a plain line every ten seconds", () => {
    const { progress, written, pass } = terminal(false);
    for (let second = 0; second < 25; second += 1) {
      progress.report("reading", second * 10, 250, "rows");
      pass(1000);
    }
    progress.close();
    expect(written).toEqual([
      "reading · 40 % · 100 rows of 250 rows · 10 rows/s · 15 s left\n",
      "reading · 80 % · 200 rows of 250 rows · 10 rows/s · 5 s left\n",
    ]);
  });

  it("writes notes as they are", () => {
    const { progress, written } = terminal(false);
    progress.note("same file twice");
    expect(written).toEqual(["same file twice\n"]);
  });
});
