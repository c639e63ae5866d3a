import { stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { canonicalJson } from "../../core/json.ts";
import type { Day } from "../../core/period.ts";
import type { LocatedFile } from "../input/staged-file.ts";

/** Grouping key → value, as delivered. Tags are `TAG:team`. */
export type Keys = Readonly<Record<string, string | null>>;

/** One amount of one group and day: what a line of the fetched file says. */
export interface BillLine {
  /** `base`: carries the money. `slice`: tells more about a base group (`group-plan.ts`). */
  level: "base" | "slice";
  /** The keys of the base group it belongs to. */
  base: Keys;
  /** All its keys. */
  keys: Keys;
  day: Day;
  /** Exclusive. */
  dayEnd: Day;
  /** `UnblendedCost`, `ActualCost`, `UsageQuantity`, … */
  measure: string;
  /** Decimal text as delivered. */
  amount: string;
  /** Currency, or unit of a quantity. */
  unit: string | null;
  estimated?: boolean;
  /** Billing account. */
  payer?: string;
  accountName?: string;
}

/**
 * Writes lines as NDJSON: sorted, so that the same answers give the same bytes in whatever order they came. The file's time is the time of
 * the answers, so that an older look at the bill never replaces a newer one (L6).
 */
export async function writeBillLines(
  file: { folder: string; name: string; observedAt: string },
  lines: readonly BillLine[],
): Promise<LocatedFile> {
  const target = path.join(file.folder, file.name);
  const texts = lines.map((line) => canonicalJson(line)).sort();
  await writeFile(target, texts.map((text) => `${text}\n`).join(""));
  const modifiedAt = new Date(file.observedAt);
  await utimes(target, modifiedAt, modifiedAt);
  const { size, mtime } = await stat(target);
  return { path: target, name: file.name, sizeBytes: size, modifiedAt: mtime };
}
