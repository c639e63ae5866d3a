import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { findProgram, type Program } from "../../../scripts/lib/programs.mjs";
import type { TestServer } from "./http-server.ts";

export interface ServerProgram {
  name: string;
  command: string;
  args(port: number): readonly string[];
}

/** Starts a server program on a free port of this machine and waits until it takes connections. It ends with `close`, or with us. */
export async function startProgram({ name, command, args }: ServerProgram): Promise<TestServer> {
  const port = await freePort();
  const folder = await mkdtemp(path.join(tmpdir(), "genops-server-"));
  const child = spawn(command, args(port), { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-4_000);
    });
  }
  const stop = () => void child.kill("SIGKILL");
  process.once("exit", stop);
  try {
    await untilReady(child, port);
  } catch (error) {
    stop();
    throw new Error(`${name} did not start: ${String(error)}\n${output}`, { cause: error });
  }
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      process.off("exit", stop);
      const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The path of a program that `npm run tools:install` installs. */
export function requireProgram(program: Program): string {
  const found = findProgram(program);
  if (found === undefined) throw new Error(`${program.name} is missing: ${program.hint}`);
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

const READY_WITHIN_MS = 60_000;

async function untilReady(child: ChildProcess, port: number): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  const failed = once(child, "error").then(([error]) => Promise.reject(error as Error));
  failed.catch(() => undefined);
  for (;;) {
    if (await Promise.race([takesConnections(port), failed])) return;
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    if (Date.now() > until) throw new Error(`nothing listens after ${READY_WITHIN_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.end());
  });
}
