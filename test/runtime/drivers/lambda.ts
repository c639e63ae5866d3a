import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { readText } from "../../support/functions/read-text.ts";
import { collectOutput, stop } from "./processes.ts";

/** What the Runtime API was told about one invocation. */
export type LambdaOutcome = { ok: true; result: unknown } | { ok: false; errorType: string; errorMessage: string };

export interface LambdaFunction {
  /** Invokes it and waits for its outcome; `timeoutMs` sets the deadline it is told. */
  invoke(event: unknown, options?: { timeoutMs?: number }): Promise<LambdaOutcome>;
  /** What it wrote to its standard output so far. */
  output(): string;
  close(): Promise<void>;
}

interface Invocation {
  id: string;
  event: unknown;
  deadline: number;
  settle(outcome: LambdaOutcome): void;
}

const BOOTSTRAP = fileURLToPath(new URL("lambda-bootstrap.mjs", import.meta.url));

/** The unzipped package of one function in a process of its own, behind a Lambda Runtime API of ours. */
export async function startLambda(
  taskRoot: string,
  { name, env }: { name: string; env: NodeJS.ProcessEnv },
): Promise<LambdaFunction> {
  const waiting: Invocation[] = [];
  const running = new Map<string, Invocation>();
  let idle: ((invocation: Invocation) => void) | undefined;
  let count = 0;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, id = "", what = ""] = /\/invocation\/([^/]+)(?:\/(\w+))?$/.exec(request.url ?? "") ?? [];
    if (id === "next") {
      const next = waiting.shift() ?? (await new Promise<Invocation>((resolve) => (idle = resolve)));
      idle = undefined;
      running.set(next.id, next);
      response.writeHead(200, {
        "content-type": "application/json",
        "lambda-runtime-aws-request-id": next.id,
        "lambda-runtime-deadline-ms": String(next.deadline),
        "lambda-runtime-invoked-function-arn": `arn:aws:lambda:eu-central-1:123456789012:function:${name}`,
        "lambda-runtime-trace-id": "Root=1-5e1b4151-43a0913a12345678901234567",
      });
      response.end(JSON.stringify(next.event));
      return;
    }
    const body = JSON.parse(await readText(request)) as { errorType: string; errorMessage: string };
    running.get(id)?.settle(what === "response" ? { ok: true, result: body } : { ok: false, ...body });
    running.delete(id);
    response.writeHead(202).end("{}");
  }

  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const child = spawn(process.execPath, [BOOTSTRAP], {
    cwd: taskRoot,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...env,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      AWS_LAMBDA_FUNCTION_NAME: name,
      LAMBDA_TASK_ROOT: taskRoot,
      _HANDLER: "index.handler",
    },
  });
  const written = collectOutput(child);
  child.once("exit", (code) => {
    const failure = {
      ok: false,
      errorType: "Runtime.ExitError",
      errorMessage: `exit ${code}: ${written.all()}`,
    } as const;
    for (const each of [...waiting, ...running.values()]) each.settle(failure);
  });

  return {
    invoke(event, { timeoutMs = 120_000 } = {}) {
      return new Promise((settle) => {
        const invocation = { id: `${name}-${++count}`, event, deadline: Date.now() + timeoutMs, settle };
        if (child.exitCode !== null) settle({ ok: false, errorType: "Runtime.ExitError", errorMessage: written.all() });
        else if (idle === undefined) waiting.push(invocation);
        else idle(invocation);
      });
    },
    output: written.out,
    async close() {
      await stop(child);
      server.closeAllConnections();
      server.close();
    },
  };
}
