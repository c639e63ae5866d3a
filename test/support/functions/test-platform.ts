import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { HttpCall, LogEntry, Platform } from "../../../shared/ports/platform.ts";
import type { SentMessage } from "./sent-message.ts";

export interface TestPlatform extends Platform {
  sent: SentMessage[];
  entries: LogEntry[];
  call: HttpCall;
  /** Path of the lake's folder. */
  lake: string;
  folder: string;
}

/** A platform in memory over a configuration and a lake in a folder, which goes away with the test. */
export async function createTestPlatform(
  config: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<TestPlatform> {
  const folder = await mkdtemp(path.join(tmpdir(), "genops-test-platform-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(path.join(folder, "genops.yaml"), config);
  const sent: SentMessage[] = [];
  const entries: LogEntry[] = [];
  const lake = path.join(folder, "lake");
  return {
    sent,
    entries,
    lake,
    folder,
    name: "local",
    environment: {
      GENOPS_CONFIG: path.join(folder, "genops.yaml"),
      GENOPS_LAKE: `file:${lake}`,
      GENOPS_QUEUE_COLLECT: "collect",
      GENOPS_QUEUE_EVALUATE: "evaluate",
      ...environment,
    },
    memoryMb: 512,
    fetchSecrets: (names) =>
      Promise.resolve(new Map(names.filter((name) => name === "known").map((name) => [name, "a-secret"]))),
    openQueue: (queue) =>
      Promise.resolve({
        async send(body, { delayMs } = {}) {
          sent.push({ queue, body, ...(delayMs === undefined ? {} : { delaySeconds: delayMs / 1_000 }) });
        },
      }),
    call: {
      id: "call-1",
      deadline: { remainingMs: () => 60_000 },
      signedIn: false,
      write: (entry) => void entries.push(entry),
    },
  };
}
