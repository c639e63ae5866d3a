import { type Decimal, max, ZERO } from "../../../shared/core/decimal.ts";

const STEPS = "▁▂▃▄▅▆▇█";

/** `▇▇▇▇` in proportion to `part` of `whole`; at least one block for anything above zero, nothing for zero or less. */
export function shareBar(part: Decimal, whole: Decimal, width: number): string {
  if (part <= 0n || whole <= 0n) return "";
  const blocks = Number((part * BigInt(width) * 2n + whole) / (whole * 2n));
  return "▇".repeat(Math.min(width, Math.max(1, blocks)));
}

/** `▁▂▅█`: one character per value, between zero and the largest; values below zero count as zero. */
export function sparkline(values: readonly Decimal[]): string {
  const top = values.reduce(max, ZERO);
  if (top <= 0n) return "▁".repeat(values.length);
  return values
    .map((value) => STEPS[value <= 0n ? 0 : Number((value * BigInt(STEPS.length - 1) * 2n + top) / (top * 2n))] ?? "")
    .join("");
}
