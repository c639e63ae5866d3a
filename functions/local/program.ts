import { readFileSync } from "node:fs";
import { Command } from "commander";
import { GenOpsError } from "../../shared/core/errors.ts";
import { createLocalSecrets, createSystemClock, createSystemRandomness } from "../../shared/platforms/local/system.ts";
import { createTempFolder } from "../../shared/platforms/local/temp-folders.ts";
import type { HomeCloud } from "../../shared/ports/credentials.ts";
import { recordOwnUsage } from "../../shared/usecases/own-cost/record.ts";
import { readConfig } from "../../shared/usecases/read-config.ts";
import { createRuntime, type Runtime } from "../../shared/usecases/runtime.ts";
import type { Bind, CommandContext, GlobalOptions } from "./command-context.ts";
import { createOutput } from "./output.ts";
import { addAnomaliesCommands } from "./program/anomalies-commands.ts";
import { addBillingCommands } from "./program/billing-commands.ts";
import { addClusterCommands } from "./program/cluster-commands.ts";
import { addCollectCommands } from "./program/collect-commands.ts";
import { addEnforceCommands } from "./program/enforce-commands.ts";
import { addGovernanceCommands } from "./program/governance-commands.ts";
import { addPricesCommands } from "./program/prices-commands.ts";
import { addReportCommands } from "./program/report-commands.ts";
import { addSetupCommands } from "./program/setup-commands.ts";

/** The whole command line. `run` gives back the exit code; wrong usage throws a CommanderError or GenOpsError. */
export function createProgram(): { run(argv: readonly string[]): Promise<number> } {
  let exitCode = 0;
  const opened: Runtime[] = [];
  const program = new Command("genops")
    .description("Governs what Kubernetes and AI workloads cost across clouds.")
    .version(version(), "--version")
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false });
  withGlobalOptions(program);

  const bind: Bind = (command, action, formats) =>
    withGlobalOptions(command, formats)
      .exitOverride()
      .action(async (...args: unknown[]) => {
        const self = args.at(-1) as Command;
        const operands = args.slice(0, -2).flat() as string[];
        try {
          exitCode = (await action(contextOf(self, opened, formats), ...operands)) ?? 0;
        } finally {
          for (const runtime of opened) await recordOwnUsage(runtime, "local");
        }
      });
  addCollectCommands(program, bind);
  addReportCommands(program, bind);
  addGovernanceCommands(program, bind);
  addAnomaliesCommands(program, bind);
  addPricesCommands(program, bind);
  addBillingCommands(program, bind);
  addClusterCommands(program, bind);
  addEnforceCommands(program, bind);
  addSetupCommands(program, bind);

  return {
    async run(argv) {
      if (argv.length === 0) {
        program.outputHelp();
        return 2;
      }
      await program.parseAsync([...argv], { from: "user" });
      return exitCode;
    },
  };
}

const FORMATS = ["table", "json", "csv"] as const;

/** `table, json or csv` */
function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** The same options may stand before or after the command's name. */
function withGlobalOptions(command: Command, formats: readonly string[] = FORMATS): Command {
  return command
    .option("--config <file>", "configuration (default genops.yaml)")
    .option("--lake <location>", "use this lake instead of the configured one")
    .option("--as-of <instant>", "what was known at this instant")
    .option("--now <instant>", "evaluate as if it were this instant")
    .option("--format <format>", oneOf(formats))
    .option("--debug", "stack traces");
}

function contextOf<O>(command: Command, opened: Runtime[], formats: readonly string[] = FORMATS): CommandContext<O> {
  const given = command.optsWithGlobals();
  const options = { config: "genops.yaml", format: formats[0], ...given } as O & GlobalOptions;
  if (!formats.includes(options.format)) {
    throw new GenOpsError("usage", `--format ${options.format}: use ${oneOf(formats)}`);
  }
  const out = createOutput(createSystemClock());
  return {
    options,
    out,
    format: FORMATS.find((known) => known === options.format) ?? "table",
    openRuntime: async (configFile = options.config, overrides = {}) => {
      const runtime = await createRuntime({
        config: await readConfig(configFile, createLocalSecrets(process.env)),
        lake: overrides.lake ?? options.lake,
        // As for the functions, empty is unset.
        home: process.env["GENOPS_HOME"] || undefined,
        cloud: cloudOf(process.env["GENOPS_CLOUD"]),
        environment: process.env,
        clock: createSystemClock(instantOf("--now", options.now ?? overrides.now), overrides.shiftClock),
        asOf: instantOf("--as-of", options.asOf),
        randomness: createSystemRandomness(),
        // One process: the scheduler and the commands evaluate after they have collected.
        events: { publish: () => Promise.resolve() },
        progress: out.progress,
        createTempFolder,
      });
      opened.push(runtime);
      return runtime;
    },
  };
}

/** The cloud whose machine this is and whose identity it shows to the others; a person's machine is in none. */
function cloudOf(text = ""): HomeCloud {
  const known = (["aws", "azure", "gcp", "local"] as const).find((cloud) => cloud === (text || "local"));
  if (known === undefined) throw new GenOpsError("usage", `GENOPS_CLOUD ${text}: use aws, azure or gcp`);
  return known;
}

/** An RFC 3339 instant, or a day (its beginning, UTC). */
function instantOf(flag: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const instant = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) || Number.isNaN(instant.getTime())) {
    throw new GenOpsError("usage", `${flag} ${text}: write an instant such as 2024-09-30T12:00:00Z`);
  }
  return instant;
}

function version(): string {
  const { version: text } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return text;
}
