import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** What a process has written so far: to its standard output, and to both. */
export function collectOutput(child: ChildProcess): { out(): string; all(): string } {
  let out = "";
  let all = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    all += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    all += text;
  });
  return { out: () => out, all: () => all };
}

/** Ends a process of ours and waits for its end. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** JSON lines among what a function wrote. */
export function logLines(output: string): Record<string, unknown>[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
