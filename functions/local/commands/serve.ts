import { GenOpsError, messageOf } from "../../../shared/core/errors.ts";
import { createApi } from "../../../shared/interfaces/api/api.ts";
import { createApiDeps } from "../../../shared/usecases/api-deps.ts";
import { watchHealth } from "../../../shared/usecases/cluster-health.ts";
import { type EnforceReport, enforceOnce } from "../../../shared/usecases/enforce/run.ts";
import { evaluateAndTell } from "../../../shared/usecases/evaluate-and-tell.ts";
import { recordOwnUsage } from "../../../shared/usecases/own-cost/record.ts";
import type { Runtime } from "../../../shared/usecases/runtime.ts";
import { sweepLake } from "../../../shared/usecases/sweep.ts";
import { tellFindings } from "../../../shared/usecases/tell-findings.ts";
import { serveHttp } from "../http.ts";
import type { Output } from "../output.ts";
import { type Job, startScheduler } from "../scheduler.ts";
import { collect } from "./collect.ts";

export interface ServeOptions {
  host: string;
  port: string;
}

/** Bills are refreshed a few times a day (`reference/clouds.md` §0); asking more often finds nothing. */
const COLLECT = "17 */6 * * *";
/** A new day settles old ones and opens periods, without any new bill. */
const EVALUATE = "5 * * * *";
/** Clusters and endpoints. */
const HEALTH = "* * * * *";
/** What a receiver could not take. */
const TELL_AGAIN = "* * * * *";
const SWEEP = "41 3 * * *";
/** Gives back what has expired, and acts on what is wanted. */
const ENFORCE = "*/10 * * * *";
/** A process that is killed loses no more than this of what it has used. */
const RECORD_USAGE = "*/10 * * * *";

/** Page, API and scheduler until Ctrl-C or SIGTERM; then ends cleanly with 0. */
export async function serve(runtime: Runtime, out: Output, options: ServeOptions, notice?: string): Promise<number> {
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new GenOpsError("usage", `--port ${options.port}: use 0 to 65535`);
  }
  const api = createApi(createApiDeps(runtime, notice), {
    onError: (error) => out.progress.note(`request failed: ${messageOf(error)}`),
  });
  const server = await serveHttp(api, { host: options.host, port });
  const scheduler = startScheduler(jobsOf(runtime, out));
  out.progress.close();
  out.line(`GenOps is at ${server.url} (Ctrl-C ends it)`);
  await stopSignal();
  out.progress.note("Ending …");
  await scheduler.stop();
  await server.close();
  return 0;
}

function jobsOf(runtime: Runtime, out: Output): Job[] {
  const job = (id: string, schedule: string, work: () => Promise<unknown>): Job => ({
    id,
    schedule,
    run: async () => {
      await work().catch((error: unknown) => out.progress.note(`${id} failed: ${messageOf(error)}`));
    },
  });
  return [
    ...runtime.config.sources
      .filter(({ id }) => runtime.isHome(id))
      .map(({ id, schedule }) => job(`collect ${id}`, schedule ?? COLLECT, () => collectAndTell(runtime, out, id))),
    job("evaluate", EVALUATE, () => evaluateAndTell(runtime)),
    job("enforce", ENFORCE, async () => noteProblems(out, await enforceOnce(runtime))),
    job("health", HEALTH, () => watchHealth(runtime)),
    job("tell", TELL_AGAIN, () => tellFindings(runtime, [])),
    job("own usage", RECORD_USAGE, () => recordOwnUsage(runtime, "local")),
    job("sweep", SWEEP, () => sweepLake(runtime)),
  ];
}

/** Where nobody reads a log, a cluster that was not worked on is said here. */
function noteProblems(out: Output, { clusters }: EnforceReport): void {
  for (const { cluster, problem } of clusters)
    if (problem !== undefined) out.progress.note(`enforce: ${cluster}: ${problem}`);
}

async function collectAndTell(runtime: Runtime, out: Output, source: string): Promise<void> {
  const runs = await collect(runtime, { source: [source] });
  for (const run of runs.filter(({ status }) => status !== "unchanged")) {
    const remarks = run.messages.length === 0 ? "" : ` – ${run.messages.join("; ")}`;
    out.progress.note(`${run.source} ${run.period}: ${run.status}${remarks}`);
  }
  await evaluateAndTell(runtime);
}

/** From here on a signal ends the server in order instead of the process at once (`cli.ts`). */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.removeAllListeners(signal).once(signal, () => resolve());
  });
}
