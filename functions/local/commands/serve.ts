import { GenOpsError, messageOf } from "../../../shared/core/errors.ts";
import { createApi } from "../../../shared/interfaces/api/api.ts";
import { createApiDeps } from "../api-deps.ts";
import { serveHttp } from "../http.ts";
import type { Output } from "../output.ts";
import type { Runtime } from "../runtime.ts";
import { startScheduler } from "../scheduler.ts";
import { collect } from "./collect.ts";
import { evaluateAndTell } from "./evaluate.ts";

export interface ServeOptions {
  host: string;
  port: string;
}

/** Page, API and scheduler until Ctrl-C or SIGTERM; then ends cleanly with 0. */
export async function serve(runtime: Runtime, out: Output, options: ServeOptions, notice?: string): Promise<number> {
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new GenOpsError("usage", `--port ${options.port}: use 0 to 65535`);
  const api = createApi(createApiDeps(runtime, notice), {
    onError: (error) => out.progress.note(`request failed: ${messageOf(error)}`),
  });
  const server = await serveHttp(api, { host: options.host, port });
  const scheduler = startScheduler(runtime.config.sources, async (ids) => {
    try {
      const runs = await collect(runtime, { source: [...ids] });
      for (const run of runs.filter(({ status }) => status !== "unchanged")) {
        out.progress.note(
          `${run.source} ${run.period}: ${run.status}${run.messages.length === 0 ? "" : ` – ${run.messages.join("; ")}`}`,
        );
      }
      await evaluateAndTell(runtime);
    } catch (error) {
      out.progress.note(`scheduled run failed: ${messageOf(error)}`);
    }
  });
  out.progress.close();
  out.line(`GenOps is at ${server.url} (Ctrl-C ends it)`);
  await stopSignal();
  out.progress.note("Ending …");
  await scheduler.stop();
  await server.close();
  return 0;
}

/** From here on a signal ends the server in order instead of the process at once (`cli.ts`). */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.removeAllListeners(signal).once(signal, () => resolve());
  });
}
