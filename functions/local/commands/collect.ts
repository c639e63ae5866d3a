import { parseDecimal } from "../../../shared/core/decimal.ts";
import { GenOpsError, messageOf } from "../../../shared/core/errors.ts";
import { isMonth } from "../../../shared/core/period.ts";
import { formatMoney } from "../../../shared/interfaces/console/money-text.ts";
import { collectSources } from "../../../shared/ledger/collect/collect-source.ts";
import { type CollectRun, type RunStatus, runJson } from "../../../shared/ledger/collect/run.ts";
import { confirmQuarantine, discardQuarantine } from "../../../shared/ledger/decide-quarantine.ts";
import { listQuarantines, type Quarantine, readQuarantine } from "../../../shared/ledger/quarantine.ts";
import { refreshHomeCubes } from "../../../shared/usecases/refresh-home-cubes.ts";
import type { Runtime } from "../../../shared/usecases/runtime.ts";
import { answer } from "../answer.ts";
import type { Format, Output } from "../output.ts";
import type { Color } from "../terminal/color.ts";
import { escapeControls } from "../terminal/text.ts";

export interface CollectOptions {
  source?: string[] | undefined;
  period?: string[] | undefined;
  /** `cost-sync --cloud aws`: only sources of this cloud. */
  cloud?: string | undefined;
  force?: boolean | undefined;
}

export interface CollectDocument {
  runs: ReturnType<typeof runJson>[];
  summary: Record<RunStatus, number>;
}

/** Runs the chosen sources. */
export async function collect(runtime: Runtime, options: CollectOptions): Promise<CollectRun[]> {
  const sources = chooseSources(runtime, options);
  for (const period of options.period ?? []) {
    if (!isMonth(period)) throw new GenOpsError("usage", `--period ${period}: billing periods look like 2024-09`);
  }
  for (const source of sources.filter(({ id }) => !runtime.isHome(id))) {
    if (options.source?.includes(source.id) === true) throw new GenOpsError("usage", whereCollected(source));
    runtime.progress.note(whereCollected(source));
  }
  const runs = await collectSources(runtime, {
    sources: sources.filter(({ id }) => runtime.isHome(id)),
    periods: options.period ?? [],
    force: options.force === true,
    baseDir: runtime.config.baseDir,
  });
  await refreshHomeCubes(runtime).catch((error: unknown) =>
    runtime.progress.note(`cubes that readers elsewhere need could not be built: ${messageOf(error)}`),
  );
  return runs;
}

function whereCollected({ id, lake }: { id: string; lake?: string }): string {
  return lake === undefined
    ? `the rows of ${id} are in the primary lake: it is collected without GENOPS_HOME`
    : `the rows of ${id} stay in the lake "${lake}": it is collected with GENOPS_HOME=${lake}`;
}

const CLOUD_TYPES: Readonly<Record<string, RegExp>> = { aws: /^aws-/, azure: /^azure-/, gcp: /^gcp-/ };

function chooseSources(runtime: Runtime, { source, cloud }: CollectOptions): Runtime["config"]["sources"] {
  const all = runtime.config.sources;
  const unknown = source?.find((id) => !all.some((configured) => configured.id === id));
  if (unknown !== undefined) {
    throw new GenOpsError(
      "usage",
      `no source "${unknown}"; configured are ${all.map(({ id }) => id).join(", ") || "none"}`,
    );
  }
  if (cloud !== undefined && cloud !== "all" && CLOUD_TYPES[cloud] === undefined) {
    throw new GenOpsError("usage", `--cloud ${cloud}: use all, aws, azure or gcp`);
  }
  return all.filter(
    ({ id, type }) =>
      (source?.includes(id) ?? true) &&
      (cloud === undefined || cloud === "all" || CLOUD_TYPES[cloud]?.test(type) === true),
  );
}

export function collectDocument(runs: readonly CollectRun[]): CollectDocument {
  const summary = { replaced: 0, unchanged: 0, quarantined: 0, failed: 0 };
  for (const { status } of runs) summary[status]++;
  return { runs: runs.map(runJson), summary };
}

/** 3 when a source failed, 1 when something waits for a person, else 0. */
export function collectExitCode(runs: readonly CollectRun[]): number {
  if (runs.some(({ status }) => status === "failed")) return 3;
  return runs.some(({ status }) => status === "quarantined") ? 1 : 0;
}

const STATUS_COLOR: Readonly<Record<RunStatus, Color>> = {
  replaced: "green",
  unchanged: "dim",
  quarantined: "yellow",
  failed: "red",
};

export function printRuns(out: Output, runs: readonly CollectRun[]): void {
  if (runs.length === 0) {
    out.line("Nothing to collect: no source has such a bill.");
    return;
  }
  out.table(
    [
      { title: "source", whole: true },
      { title: "period", whole: true },
      { title: "status", whole: true },
      { title: "rows", align: "right", leaveOut: 1 },
      { title: "billed", align: "right" },
      { title: "effective", align: "right", leaveOut: 2 },
      { title: "control total", minWidth: 13 },
    ],
    runs.map((run) => [
      run.source,
      run.period || "–",
      { text: run.status, color: STATUS_COLOR[run.status] },
      run.status === "failed" ? "–" : String(run.rows),
      run.billedCost.map(({ amount, currency }) => formatMoney(parseDecimal(amount), currency)).join(" + ") || "–",
      run.effectiveCost.map(({ amount, currency }) => formatMoney(parseDecimal(amount), currency)).join(" + ") || "–",
      controlCell(run),
    ]),
  );
  for (const line of remarks(runs)) out.line(`  ${escapeControls(line)}`);
}

/** What is to be said beside the table; once per source, though several periods came from one delivery. */
function remarks(runs: readonly CollectRun[]): string[] {
  const lines = runs.flatMap(({ source, messages, conformance }) => [
    ...messages.map((message) => `${source}: ${message}`),
    ...conformance
      .filter(({ severity }) => severity === "error")
      .map(({ rule, message, rows }) => `${source}: FOCUS rule ${rule}: ${message} (${rows} rows)`),
  ]);
  return [...new Set(lines)];
}

function controlCell(run: CollectRun): { text: string; color: Color } | string {
  if (run.control === "none" || run.control.length === 0) return run.status === "failed" ? "–" : "none";
  const wrong = run.control.filter(({ difference }) => difference !== "0");
  if (wrong.length === 0) return { text: "✓ equal", color: "green" };
  return {
    text: wrong.map(({ metric, currency, difference }) => `${metric} ${difference} ${currency}`).join(", "),
    color: "red",
  };
}

export async function printQuarantines(runtime: Runtime, out: Output, format: Format): Promise<void> {
  const waiting = (await listQuarantines(runtime.lake)).filter(({ state }) => state === "waiting");
  const quarantines = waiting.map(({ version: _version, ...rest }) => rest);
  answer(out, format, {
    document: { quarantines },
    records: quarantines,
    print: () => printWaiting(out, waiting),
  });
}

function printWaiting(out: Output, waiting: readonly Quarantine[]): void {
  if (waiting.length === 0) {
    out.line("Nothing is in quarantine.");
    return;
  }
  out.table(
    [
      { title: "id", whole: true },
      { title: "source", leaveOut: 1 },
      { title: "period", whole: true, leaveOut: 2 },
      { title: "reason", whole: true },
      { title: "since", leaveOut: 3 },
      { title: "detail", minWidth: 20 },
    ],
    waiting.map(({ id, source, billingPeriod, reason, at, detail }) => [
      id,
      source,
      billingPeriod || "–",
      reason,
      at,
      detail,
    ]),
  );
}

/** Carries a person's decision out; gives back a sentence that says what is so now. */
export async function decide(runtime: Runtime, id: string, decision: "confirm" | "discard"): Promise<string> {
  const { source } = await readQuarantine(runtime.lake, id);
  if (!runtime.isHome(source)) {
    const home = runtime.config.sources.find((each) => each.id === source)?.lake;
    const where = home === undefined ? "without GENOPS_HOME" : `with GENOPS_HOME=${home}`;
    throw new GenOpsError("usage", `${id} is decided where its rows are: run this ${where}`, { place: { source } });
  }
  if (decision === "discard") {
    await discardQuarantine(runtime, id);
    return `Discarded ${id}. What was loaded before stays.`;
  }
  const { quarantine } = await confirmQuarantine(runtime, id, runtime.config.ledger);
  return `Confirmed ${id}: ${quarantine.source} ${quarantine.billingPeriod} is now what was delivered.`;
}
