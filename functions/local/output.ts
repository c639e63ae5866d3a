import type { Clock } from "../../shared/ports/clock.ts";
import { createTerminalProgress, type TerminalProgress } from "./terminal/progress.ts";
import { type Cell, type Column, renderTable } from "./terminal/table.ts";
import { escapeControls } from "./terminal/text.ts";

export type Format = "table" | "json" | "csv";

/** Where a command writes: the answer to stdout, everything else to stderr. */
export interface Output {
  readonly width: number;
  readonly color: boolean;
  /** A line for people, or several. Names and messages of clusters and bills may stand in it: what could steer a terminal is made visible. */
  line(text?: string): void;
  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void;
  /** The one JSON document of the answer. */
  json(document: unknown): void;
  raw(text: string): void;
  readonly progress: TerminalProgress;
}

export function createOutput(clock: Pick<Clock, "now">): Output {
  const { stdout, stderr, env } = process;
  const color = stdout.isTTY === true && env["NO_COLOR"] === undefined;
  const width = stdout.isTTY ? stdout.columns : 160;
  const write = (text: string) => void stdout.write(text);
  return {
    width,
    color,
    line: (text = "") => write(`${text.split("\n").map(escapeControls).join("\n")}\n`),
    table: (columns, rows) => write(renderTable(columns, rows, { width, color })),
    json: (document) => write(`${JSON.stringify(document, null, 2)}\n`),
    raw: write,
    progress: createTerminalProgress(stderr, clock),
  };
}
