import { printColdBench } from "./cold.ts";
import { printConvertBench } from "./convert.ts";
import { printEnforceBench } from "./enforce.ts";
import { printEvaluateBench } from "./evaluate.ts";

const DEFAULT_ROWS = 1_000_000;

/** `npm run bench -- convert [rows]`, `-- evaluate`, `-- cold` and `-- enforce`. */
async function main([name, rows]: readonly string[]): Promise<void> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  switch (name) {
    case "convert":
      return printConvertBench(Number(rows ?? DEFAULT_ROWS), print);
    case "evaluate":
      return printEvaluateBench(print);
    case "cold":
      return printColdBench(print);
    case "enforce":
      return printEnforceBench(print);
    default:
      process.stderr.write("usage: npm run bench -- convert [rows] | evaluate | cold | enforce\n");
      process.exitCode = 2;
  }
}

await main(process.argv.slice(2));
