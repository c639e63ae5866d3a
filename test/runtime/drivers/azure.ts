import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Answer, Metadata } from "../../support/functions/azure-core.mjs";
import { collectOutput, stop } from "./processes.ts";

/** What the worker answers about one invocation. */
export type AzureOutcome = { ok: true; answer: Answer } | { ok: false; error: string };

export interface AzureApp {
  registrations: readonly Metadata[];
  invoke(name: string, data: unknown): Promise<AzureOutcome>;
  output(): string;
  close(): Promise<void>;
}

const WORKER = fileURLToPath(new URL("azure-worker.mjs", import.meta.url));

/** The unzipped function app in a process of its own, under a stand-in for the worker's core module. */
export async function startAzureApp(folder: string, env: NodeJS.ProcessEnv): Promise<AzureApp> {
  const child = fork(WORKER, [folder], { cwd: folder, env, silent: true, execArgv: [] });
  const written = collectOutput(child);
  const open = new Map<number, (outcome: AzureOutcome) => void>();
  let count = 0;
  child.once("exit", (code) => {
    for (const settle of open.values()) settle({ ok: false, error: `exit ${code}: ${written.all()}` });
  });
  const first = await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => {
      throw new Error(`the function app ended: ${written.all()}`);
    }),
  ]);
  const [{ answer: registrations }] = first as [{ answer: Metadata[] }];
  child.on("message", (message: { id: number } & AzureOutcome) => {
    open.get(message.id)?.(message);
    open.delete(message.id);
  });
  return {
    registrations,
    invoke(name, data) {
      const id = ++count;
      return new Promise((resolve) => {
        open.set(id, resolve);
        child.send({ id, name, data });
      });
    },
    output: written.out,
    close: () => stop(child),
  };
}
