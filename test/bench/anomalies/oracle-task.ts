import type { BenchMetrics } from "./cost-bench/lib/metrics.mjs";
import { oracleBound } from "./daily/oracle.ts";

/** What is printed as JSON: one result per position of the dial. */
export type OracleResult = readonly BenchMetrics[];

/** The oracle's bound, in a process of its own. Arguments: series per seed, positions of the dial, seeds; lists with commas. */
const count = Number(process.argv[2]);
const [dials = [], seeds = []] = process.argv.slice(3).map((list) => list.split(",").map(Number));
if (!(count > 0) || dials.length === 0 || seeds.length === 0)
  throw new Error("usage: oracle-task.ts COUNT DIALS SEEDS");

const result: OracleResult = oracleBound(seeds, count, dials);
process.stdout.write(JSON.stringify(result));
