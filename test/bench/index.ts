import { ANOMALY_SECTIONS, printAnomaliesBench } from "./anomalies/index.ts";
import { printColdBench } from "./cold.ts";
import { printConvertBench } from "./convert.ts";
import { printEnforceBench, printRealEnforceBench } from "./enforce.ts";
import { printEvaluateBench } from "./evaluate.ts";
import { printPlanBench } from "./plan.ts";

const DEFAULT_ROWS = 1_000_000;

/** `npm run bench -- convert [rows]`, `-- evaluate`, `-- cold`, `-- enforce [real]`, `-- plan` and `-- anomalies [section]`. */
async function main([name, option]: readonly string[]): Promise<void> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  switch (name) {
    case "convert":
      return printConvertBench(Number(option ?? DEFAULT_ROWS), print);
    case "evaluate":
      return printEvaluateBench(print);
    case "cold":
      return printColdBench(print);
    case "enforce":
      return option === "real" ? printRealEnforceBench(print) : printEnforceBench(print);
    case "plan":
      return printPlanBench(print);
    case "anomalies":
      return (await printAnomaliesBench(option, print)) ? undefined : refuse();
    default:
      return refuse();
  }
}

function refuse(): void {
  const anomalies = `anomalies [${ANOMALY_SECTIONS.join("|")}]`;
  process.stderr.write(
    `usage: npm run bench -- convert [rows] | evaluate | cold | enforce [real] | plan | ${anomalies}\n`,
  );
  process.exitCode = 2;
}

await main(process.argv.slice(2));
