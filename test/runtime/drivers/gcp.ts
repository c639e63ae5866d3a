import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import path from "node:path";
import { root } from "../support/paths.ts";
import { collectOutput, stop } from "./processes.ts";

export interface GcpFunction {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** A CloudEvent in binary mode, as Eventarc sends it. */
  post(event: Readonly<Record<string, unknown>>): Promise<Response>;
  output(): string;
  close(): Promise<void>;
}

const FRAMEWORK = path.join(root, "node_modules", "@google-cloud", "functions-framework", "build", "src", "main.js");

/** The unzipped package of one function in a real functions-framework process. */
export async function startGcpFunction(
  folder: string,
  { name, signature, env }: { name: string; signature: "http" | "cloudevent"; env: NodeJS.ProcessEnv },
): Promise<GcpFunction> {
  const port = await freePort();
  const args = [FRAMEWORK, `--source=${folder}`, `--target=${name}`, `--signature-type=${signature}`, `--port=${port}`];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], env });
  const written = collectOutput(child);
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", () => written.out().includes("URL: http") && resolve());
    child.once("exit", () => reject(new Error(`functions-framework ended: ${written.all()}`)));
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    post: ({ data, ...attributes }) => {
      const headers = Object.entries(attributes).map(([key, value]): [string, string] => [`ce-${key}`, String(value)]);
      return fetch(url, {
        method: "POST",
        headers: [...headers, ["content-type", "application/json"]],
        body: JSON.stringify(data ?? {}),
      });
    },
    output: written.out,
    close: () => stop(child),
  };
}

/** The framework wants to know its port before it listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
