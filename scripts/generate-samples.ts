/**
 * Writes samples/company, the generated 120-day history of a fictional company, and samples/cluster.json, one of its clusters. The same
 * bytes on every run.
 * `--sums` prints what the open month adds up to instead, for choosing the limits in samples/genops.yaml.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { formatFixed, sum } from "../shared/core/decimal.ts";
import { CLOUDS } from "./samples/catalogue.ts";
import { sampleCluster } from "./samples/cluster.ts";
import { companyBills, total } from "./samples/company-bill.ts";
import { type FocusRow, focusCsv, stableGzip } from "./samples/focus-csv.ts";

const TEAMS = ["ai-research", "product-engineering", "customer-success", "untagged"] as const;

/** File name (`aws-2024-06.csv.gz`) → CSV text. */
export function companyFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [profile, months] of companyBills()) {
    for (const [month, rows] of months) files.set(`${profile.cloud}-${month}.csv.gz`, focusCsv(rows));
  }
  return files;
}

function write(): void {
  const folder = new URL("../samples/company/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of companyFiles()) {
    const bytes = stableGzip(text);
    writeFileSync(new URL(name, folder), bytes);
    process.stdout.write(`${name}  ${text.split("\n").length - 2} rows  ${bytes.length} bytes\n`);
  }
  writeFileSync(new URL("../cluster.json", folder), clusterFile());
}

/** The sample cluster as a file, an object a line. */
export function clusterFile(): string {
  const { items, ...list } = sampleCluster();
  const lines = (Array.isArray(items) ? items : []).map((item) => JSON.stringify(item));
  return `${JSON.stringify(list).slice(0, -1)},"items":[\n${lines.join(",\n")}\n]}\n`;
}

function printSums(): void {
  const rows = new Map([...companyBills()].map(([profile, months]) => [profile.cloud, months.get("2024-09") ?? []]));
  const all = [...rows.values()].flat();
  for (const column of ["BilledCost", "EffectiveCost"] as const) {
    const line = (name: string, from: readonly FocusRow[], keep: (row: FocusRow) => boolean = () => true) =>
      process.stdout.write(`2024-09 ${column} ${name}: ${formatFixed(sum([total(from, column, keep)]), 2)}\n`);
    line("all", all);
    for (const cloud of CLOUDS) line(cloud, rows.get(cloud) ?? []);
    for (const team of TEAMS) line(team, all, (row) => teamOf(row) === team);
  }
}

function teamOf(row: FocusRow): string {
  return /"team":"([^"]+)"/i.exec(row.Tags ?? "")?.[1] ?? "untagged";
}

if (import.meta.main) {
  if (process.argv.includes("--sums")) printSums();
  else write();
}
