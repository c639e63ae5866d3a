import type { Command } from "commander";
import { evaluateAndTell, refusePast } from "../../../shared/usecases/evaluate-and-tell.ts";
import { answer } from "../answer.ts";
import type { Bind, CommandContext } from "../command-context.ts";
import {
  type CollectOptions,
  collect,
  collectDocument,
  collectExitCode,
  decide,
  printQuarantines,
  printRuns,
} from "../commands/collect.ts";

/** `collect`, its quarantine decisions, and the guide's name `cost-sync`. */
export function addCollectCommands(program: Command, bind: Bind): void {
  const run = async ({ out, format, openRuntime, options }: CommandContext<CollectOptions>) => {
    const runtime = await openRuntime();
    refusePast(runtime);
    const runs = await collect(runtime, options);
    out.progress.close();
    await evaluateAndTell(runtime);
    const document = collectDocument(runs);
    answer(out, format, { document, records: document.runs, print: () => printRuns(out, runs) });
    return collectExitCode(runs);
  };
  const command = program.command("collect").description("read the bills of all sources into the ledger");
  bind(
    command
      .option("--source <id...>", "only these sources")
      .option("--period <month...>", "only these billing periods, e.g. 2024-09")
      .option("--force", "convert again even if the content is known"),
    run,
  );
  bind(
    command.command("quarantine").description("list deliveries that wait for a decision"),
    async ({ out, format, openRuntime }) => {
      await printQuarantines(await openRuntime(), out, format);
      return 0;
    },
  );
  for (const decision of ["confirm", "discard"] as const) {
    const what =
      decision === "confirm"
        ? "the quarantined delivery is right: load it"
        : "the quarantined delivery is wrong: forget it";
    bind(command.command(`${decision} <id>`).description(what), async ({ out, format, openRuntime }, id = "") => {
      const runtime = await openRuntime();
      refusePast(runtime);
      const said = await decide(runtime, id, decision);
      const document = { id, decision };
      answer(out, format, { document, records: [document], print: () => out.line(said) });
      await evaluateAndTell(runtime);
      return 0;
    });
  }
  bind(
    program
      .command("cost-sync")
      .description("the same as collect, by cloud")
      .option("--cloud <cloud>", "all, aws, azure or gcp", "all")
      .option("--period <month...>", "only these billing periods")
      .option("--force", "convert again even if the content is known"),
    async (context: CommandContext<CollectOptions>) => run(context),
  );
}
