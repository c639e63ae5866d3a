import type { Clock } from "../../../shared/ports/clock.ts";
import type { Progress } from "../../../shared/ports/progress.ts";
import { escapeControls, truncate } from "./text.ts";

/** The part of a terminal or file that progress needs; `process.stderr` is one. */
export interface ProgressStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** Progress that can be taken off the screen. */
export interface TerminalProgress extends Progress {
  /** Clears the line, before something else is printed and at the end. */
  close(): void;
}

type Unit = "bytes" | "rows" | "files";

interface Step {
  name: string;
  startedMs: number;
  /** `done` when the step was first seen. */
  firstDone: number;
}

const TTY_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 10_000;
const CLEAR = "\r\u001b[2K";

/**
 * On a terminal one line that updates itself, at most ten times a second; elsewhere a plain line every ten seconds at most, none for
 * steps that are quicker. Notes are always written.
 */
export function createTerminalProgress(stream: ProgressStream, clock: Pick<Clock, "now">): TerminalProgress {
  const tty = stream.isTTY === true;
  const intervalMs = tty ? TTY_INTERVAL_MS : PLAIN_INTERVAL_MS;
  let step: Step | undefined;
  let shownMs = Number.NEGATIVE_INFINITY;
  let endShown = false;
  let lineIsUp = false;

  function clear(): void {
    if (lineIsUp) stream.write(CLEAR);
    lineIsUp = false;
  }

  /** The step that runs now; elsewhere than on a terminal a new one waits for its first line. */
  function enter(name: string, done: number, nowMs: number): Step {
    if (step?.name === name) return step;
    endShown = false;
    if (!tty) shownMs = nowMs;
    step = { name, startedMs: nowMs, firstDone: done };
    return step;
  }

  return {
    report(name, done, total, unit) {
      const nowMs = clock.now().getTime();
      const current = enter(name, done, nowMs);
      const ends = tty && total !== undefined && done >= total && !endShown;
      if (nowMs - shownMs < intervalMs && !ends) return;
      shownMs = nowMs;
      endShown = ends || endShown;
      const line = describe(current, done, total, unit, nowMs);
      stream.write(tty ? `${CLEAR}${truncate(line, (stream.columns ?? 80) - 1)}` : `${line}\n`);
      lineIsUp = tty;
    },
    note(text) {
      clear();
      stream.write(`${escapeControls(text)}\n`);
    },
    close: clear,
  };
}

function describe(step: Step, done: number, total: number | undefined, unit: Unit, nowMs: number): string {
  const seconds = (nowMs - step.startedMs) / 1000;
  const rate = seconds > 0 ? (done - step.firstDone) / seconds : 0;
  const parts = [
    escapeControls(step.name),
    total === undefined
      ? amount(done, unit)
      : `${percent(done, total)} · ${amount(done, unit)} of ${amount(total, unit)}`,
  ];
  if (rate > 0 && seconds >= 1) parts.push(`${amount(Math.round(rate), unit)}/s`);
  if (rate > 0 && seconds >= 1 && total !== undefined && done < total)
    parts.push(`${duration((total - done) / rate)} left`);
  return parts.join(" · ");
}

function percent(done: number, total: number): string {
  return `${total <= 0 ? 100 : Math.min(100, Math.floor((done / total) * 100))} %`;
}

function amount(value: number, unit: Unit): string {
  if (unit !== "bytes") return `${grouped(value)} ${value === 1 ? unit.slice(0, -1) : unit}`;
  if (value < 1000) return `${value} B`;
  const scale = value < 1e6 ? 1 : value < 1e9 ? 2 : 3;
  return `${(value / 1000 ** scale).toFixed(1)} ${["kB", "MB", "GB"][scale - 1] ?? ""}`;
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `8 s`, `3 min 20 s`, `1 h 05 min`. */
function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}
