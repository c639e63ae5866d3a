import type { BenchAlert } from "./metrics.mjs";
export function readAlerts(file: string, knownSeries: ReadonlySet<string>): Promise<BenchAlert[]>;
