import { readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root, toolsFolder } from "./paths.mjs";
import { capture } from "./run.mjs";

/**
 * One checker. It passes when its program ends with 0 and has seen files: a checker that looked at nothing says that all is well, too.
 * @typedef {object} CheckStep
 * @property {string} name
 * @property {string} program path of a JavaScript program
 * @property {readonly string[]} args
 * @property {(output: string) => number} filesSeen
 * @property {() => number} [filesExpected] at least so many; default 1
 * @property {(output: string) => string} [show] what of the output is worth printing when the step fails
 */

const tool = (/** @type {string[]} */ ...path) => join(toolsFolder, "node_modules", ...path);
const CODE_FOLDERS = ["bin", "functions", "scripts", "shared"];

/** @type {readonly CheckStep[]} */
export const CHECK_STEPS = [
  {
    name: "biome",
    program: tool("@biomejs", "biome", "bin", "biome"),
    args: ["ci", ".", "--colors=off"],
    filesSeen: numberAfter(/Checked (\d+) files?/),
  },
  {
    name: "oxlint",
    program: tool("oxlint", "bin", "oxlint"),
    args: ["--type-aware", "--deny-warnings"],
    filesSeen: numberAfter(/Finished in .* on (\d+) files?/),
  },
  {
    name: "tsc",
    program: join(root, "node_modules", "typescript", "bin", "tsc"),
    args: ["-p", ".", "--pretty", "false", "--listFiles"],
    filesSeen: (output) => output.split("\n").filter(isOwnFile).length,
    show: (output) =>
      output
        .split("\n")
        .filter((line) => !/^(\/|[A-Z]:[\\/]).*\.(ts|mts|cts|json|mjs)$/.test(line))
        .join("\n"),
  },
  {
    name: "dependency-cruiser",
    program: tool("dependency-cruiser", "bin", "dependency-cruiser.mjs"),
    args: ["--config", ".dependency-cruiser.mjs", "--output-type", "err", ...CODE_FOLDERS],
    filesSeen: numberAfter(/(\d+) modules?, [1-9]\d* dependencies cruised/),
    filesExpected: () => CODE_FOLDERS.reduce((count, folder) => count + countCode(join(root, folder)), 0),
    show: (output) => output.replace(/\n‼ missing-tsc-transpiler[\s\S]*$/, ""),
  },
  {
    name: "knip",
    program: tool("knip", "bin", "knip.js"),
    args: ["--reporter", "symbols", "--reporter", "./scripts/lib/knip-reporter.mjs", "--no-config-hints"],
    filesSeen: numberAfter(/Processed (\d+) files/),
  },
];

/**
 * @param {CheckStep} step
 * @param {string} node
 * @returns {Promise<{ok: boolean, files: number, seconds: number, problem: string}>}
 */
export async function runStep(step, node) {
  const started = Date.now();
  const path = [join(toolsFolder, "node_modules", ".bin"), join(root, "node_modules", ".bin"), process.env.PATH];
  const env = { ...process.env, PATH: path.join(delimiter), NO_COLOR: "1" };
  const { code, output } = await capture(node, [step.program, ...step.args], { cwd: root, env });
  const files = step.filesSeen(output);
  const expected = step.filesExpected?.() ?? 1;
  const problem =
    code !== 0
      ? (step.show?.(output) ?? output).trim()
      : files < expected
        ? `${step.name} saw ${files} files, but there are at least ${expected}: its result means nothing.\n${output}`
        : "";
  return { ok: problem === "", files, seconds: (Date.now() - started) / 1000, problem };
}

/** @param {RegExp} pattern */
function numberAfter(pattern) {
  return (/** @type {string} */ output) => Number(pattern.exec(output)?.[1] ?? 0);
}

/** @param {string} line */
function isOwnFile(line) {
  return line.replaceAll("\\", "/").startsWith(root.replaceAll("\\", "/")) && !line.includes("node_modules");
}

/** @param {string} folder */
function countCode(folder) {
  return readdirSync(folder, { recursive: true }).filter((name) => /\.(ts|mjs)$/.test(String(name))).length;
}
