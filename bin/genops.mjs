#!/usr/bin/env node
// The command `genops`: runs the TypeScript command line under the Node that GenOps needs, whatever Node started this file.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findNode, root } from "../scripts/lib/paths.mjs";
import { run } from "../scripts/lib/run.mjs";

const node = findNode();
if (node === undefined || !existsSync(join(root, "node_modules"))) {
  console.error(`GenOps is not installed in ${root}. Run \`npm start\` or \`npm test\` there first.`);
  process.exitCode = 2;
} else {
  process.exitCode = await run(node, [join(root, "functions", "local", "cli.ts"), ...process.argv.slice(2)]);
}
