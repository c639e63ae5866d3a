const BLOCKS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/** Where nothing is known. */
const GAP = "·";

/**
 * Numbers as a line of blocks, `▂▂▃▂[█▇]·▂`: brackets around runs of marked values, `·` where a value is not finite. Plain text, so that it
 * reads the same in a terminal, in Slack and in a mail. The bottom is zero; when all values lie in the upper half of the range it is raised
 * until the smallest stands half as high as the largest, since a move of a tenth would not be seen otherwise. Negative values lower it.
 */
export function sparkline(values: readonly number[], isMarked: (index: number) => boolean = () => false): string {
  const known = values.filter(Number.isFinite);
  const highest = known.reduce((a, b) => Math.max(a, b), 0);
  const lowest = known.reduce((a, b) => Math.min(a, b), highest);
  const bottom = lowest < 0 ? lowest : Math.max(0, 2 * lowest - highest);
  let line = "";
  for (const [index, value] of values.entries()) {
    const opens = isMarked(index) && !(index > 0 && isMarked(index - 1));
    const closes = isMarked(index) && !(index + 1 < values.length && isMarked(index + 1));
    line += `${opens ? "[" : ""}${block(value, bottom, highest)}${closes ? "]" : ""}`;
  }
  return line;
}

function block(value: number, bottom: number, top: number): string {
  if (!Number.isFinite(value)) return GAP;
  const flat = top > 0 ? 0.5 : 0;
  const share = top > bottom ? (value - bottom) / (top - bottom) : flat;
  return BLOCKS[Math.round(share * (BLOCKS.length - 1))] ?? GAP;
}
