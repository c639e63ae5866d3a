import type { BenchMetrics } from "./metrics.mjs";
export function formatReport(metrics: BenchMetrics): string;
