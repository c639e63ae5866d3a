import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { findNode } from "../paths.mjs";

/** The whole program of a measured process. What Node itself needs to start is not counted. */
const PROGRAM = `
const before = performance.now(), used = process.cpuUsage();
for (const module of process.argv.slice(1)) await import(module);
const wall = performance.now() - before, { user, system } = process.cpuUsage(used);
process.stdout.write(JSON.stringify({ wall, cpu: (user + system) / 1000 }), () => process.exit(0));`;

/**
 * Milliseconds that a fresh process needs to import these modules, one after the other: by the clock, and of processor time, which
 * depends less on what else the machine does. Medians of so many processes.
 * @param {readonly string[]} files
 * @param {{ runs?: number, before?: string }} [options] `before`: JavaScript that stands in for the platform
 */
export function importTime(files, { runs = 5, before = "" } = {}) {
  const node = findNode() ?? process.execPath;
  const times = Array.from({ length: runs }, () => {
    const urls = files.map((file) => pathToFileURL(file).href);
    const result = spawnSync(node, ["--input-type=module", "--eval", `${before}\n${PROGRAM}`, ...urls], {
      encoding: "utf8",
    });
    if (result.status !== 0) throw new Error(`${files.join(", ")} cannot be imported: ${result.stderr}`);
    return /** @type {{ wall: number, cpu: number }} */ (JSON.parse(result.stdout));
  });
  return { wall: median(times.map(({ wall }) => wall)), cpu: median(times.map(({ cpu }) => cpu)) };
}

/** @param {number[]} values */
function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
