import type { Command } from "commander";
import { listFindings } from "../../../shared/governance/findings/finding-store.ts";
import { budgetsDocument, evaluateAndTell } from "../../../shared/usecases/evaluate-and-tell.ts";
import { scopeForecasts } from "../../../shared/usecases/forecast-scopes.ts";
import { answer } from "../answer.ts";
import type { Bind, CommandContext } from "../command-context.ts";
import { printForecast, printScopeForecast } from "../commands/forecast.ts";
import {
  answerFindings,
  findingsDocument,
  type HandleOptions,
  handleFinding,
  isBreached,
  printBudgets,
  printHandled,
} from "../commands/governance.ts";
import { nameOfUser } from "../name-of-user.ts";

/** `budgets`, `findings`, `forecast`, `evaluate`: what is wrong and what will be. */
export function addGovernanceCommands(program: Command, bind: Bind): void {
  bind(
    program
      .command("budgets")
      .description("where every budget stands")
      .option("--check", "exit with 1 when one needs attention"),
    async ({ out, format, options, openRuntime }: CommandContext<{ check?: boolean }>) => {
      const document = await budgetsDocument(await openRuntime());
      answer(out, format, { document, records: document.budgets, print: () => printBudgets(out, document) });
      return options.check === true && isBreached(document) ? 1 : 0;
    },
  );
  addForecast(program, bind);
  bind(
    program.command("evaluate").description("evaluate budgets and anomalies now, and tell people"),
    async ({ out, format, openRuntime }) => {
      const { findings } = await evaluateAndTell(await openRuntime());
      answerFindings(out, format, findings);
      return 0;
    },
  );
  addFindings(program, bind);
}

/** Without budgets there is still a month to forecast. */
const DEFAULT_BY = "provider";

function addForecast(program: Command, bind: Bind): void {
  bind(
    program
      .command("forecast")
      .description("what each budget's period, or with --by the present month, will have cost at its end")
      .option("--by <dimension>", "provider, service, account, team, …: the month of each, and in all"),
    async ({ out, format, options, openRuntime }: CommandContext<{ by?: string }>) => {
      const runtime = await openRuntime();
      const by = options.by ?? (runtime.config.budgets.length === 0 ? DEFAULT_BY : undefined);
      if (by === undefined) printForecast(out, format, await budgetsDocument(runtime));
      else printScopeForecast(out, format, by, await scopeForecasts(runtime, by));
      return 0;
    },
  );
}

function addFindings(program: Command, bind: Bind): void {
  const command = program.command("findings").description("what needs attention");
  bind(
    command.option("--all", "resolved ones too"),
    async ({ out, format, options, openRuntime }: CommandContext<{ all?: boolean }>) => {
      const found = await listFindings({ store: (await openRuntime()).lake });
      const shown = options.all === true ? found : found.filter(({ state }) => state !== "resolved");
      answerFindings(out, format, shown);
      return 0;
    },
  );
  for (const action of ["ack", "snooze", "resolve"] as const) {
    bind(
      command
        .command(`${action} <key>`)
        .description(
          { ack: "a person has taken it", snooze: "quiet until --until", resolve: "closed for this period" }[action],
        )
        .option("--by <name>", "who", nameOfUser())
        .option("--until <instant>", "for snooze")
        .option("--reason <text>", "for resolve"),
      async ({ out, format, options, openRuntime }: CommandContext<HandleOptions>, key) => {
        const finding = await handleFinding(await openRuntime(), action, key ?? "", options);
        const [document] = findingsDocument([finding]).findings;
        answer(out, format, {
          document,
          records: document === undefined ? [] : [document],
          print: () => printHandled(out, finding),
        });
        return 0;
      },
    );
  }
}
