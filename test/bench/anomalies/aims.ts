/** What a figure should reach. */
export type Aim = { least: number } | { most: number };

const NAME = 60;

/** One line: the figure, its aim, and whether it is reached. */
export function figure(name: string, value: number, aim?: Aim, note = ""): string {
  const shown = `  ${name.padEnd(NAME)} ${text(value).padStart(8)}`;
  const rest = note === "" ? "" : `  (${note})`;
  if (aim === undefined) return `${shown}${rest}`;
  const reached = "least" in aim ? value >= aim.least : value <= aim.most;
  const wanted = "least" in aim ? `≥ ${aim.least}` : `≤ ${aim.most}`;
  return `${shown}  aim ${wanted.padEnd(7)} ${reached ? "reached" : "MISSED"}${rest}`;
}

function text(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(3);
}
