import type { BenchSettings } from "./series.mjs";
export const VERSION: string;
export const SETTINGS: BenchSettings;
