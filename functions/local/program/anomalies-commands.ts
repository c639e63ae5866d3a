import type { Command } from "commander";
import { listFeedback } from "../../../shared/governance/anomalies/feedback/feedback-store.ts";
import { listFindings } from "../../../shared/governance/findings/finding-store.ts";
import { answer } from "../answer.ts";
import type { Bind, CommandContext } from "../command-context.ts";
import { anomalyJson, explanationJson, findAnomaly, printAnomalies, printExplanation } from "../commands/anomalies.ts";
import type { BacktestOptions } from "../commands/backtest.ts";
import { addFeedback } from "./anomaly-feedback-commands.ts";

/** `anomalies` and what belongs to it: costs that are not what they should be. */
export function addAnomaliesCommands(program: Command, bind: Bind): void {
  const command = program.command("anomalies").description("costs that jumped");
  addList(command, bind);
  addFeedback(command, bind);
  addBacktest(command, bind);
}

interface ListOptions {
  all?: boolean;
  explain?: string;
}

function addList(anomalies: Command, bind: Bind): void {
  bind(
    anomalies
      .option("--all", "resolved ones too")
      .option("--explain <key>", "why one of them is unusual, and what people have said about it"),
    async ({ out, format, options, openRuntime }: CommandContext<ListOptions>) => {
      const { lake: store, clock } = await openRuntime();
      if (options.explain !== undefined) {
        const finding = await findAnomaly({ store }, options.explain);
        const feedback = await listFeedback(store);
        const now = clock.evaluationNow();
        const document = explanationJson(finding, feedback, now);
        answer(out, format, {
          document,
          records: [document],
          print: () => printExplanation(out, finding, feedback, now),
        });
        return 0;
      }
      const found = (await listFindings({ store })).filter(({ kind }) => kind === "anomaly");
      const shown = options.all === true ? found : found.filter(({ state }) => state !== "resolved");
      const document = { findings: shown.map(anomalyJson) };
      answer(out, format, { document, records: document.findings, print: () => printAnomalies(out, shown) });
      return 0;
    },
  );
}

function addBacktest(anomalies: Command, bind: Bind): void {
  bind(
    anomalies
      .command("backtest")
      .description("what would have been alerted on, had these observations come in one by one")
      .requiredOption("--observations <file>", "CSV with the columns series, charge_time, observed_at, cost")
      .requiredOption("--false-alerts-per-90d <number>", "1, 0.25 or 0.1 expected per series")
      .option("--interval <length>", "length of a period, e.g. 5m, 1h, 1d; auto: what each series shows", "auto")
      .option("--floor <amount>", "least impact of an alert", "0")
      .option("--scores", "a line for every evaluated observation too"),
    async ({ options }: CommandContext<BacktestOptions>) => {
      const { backtest } = await import("../commands/backtest.ts");
      await backtest(options, process.stdout, (message) => process.stderr.write(`Warning: ${message}\n`));
      return 0;
    },
    ["jsonl"],
  );
}
