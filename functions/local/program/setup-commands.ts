import { type Command, Option } from "commander";
import type { Bind, CommandContext } from "../command-context.ts";
import { type DemoOptions, demo } from "../commands/demo.ts";
import { type DoctorOptions, doctor } from "../commands/doctor.ts";
import { init } from "../commands/init.ts";
import { type ServeOptions, serve } from "../commands/serve.ts";
import { sweep } from "../commands/sweep.ts";

const DEFAULT_PORT = "4680";

/** `init`, `doctor`, `serve`, and what `npm start` runs. */
export function addSetupCommands(program: Command, bind: Bind): void {
  bind(program.command("init").description("write a first genops.yaml"), ({ out, options }) =>
    init(options.config, out),
  );
  bind(
    program
      .command("doctor")
      .description("check the configuration, identities, every permission, the sources and the notifiers")
      .option("--paid", "also make calls that cost money ($0.01 per aws-cost-explorer source)"),
    async ({ out, format, options, openRuntime }: CommandContext<DoctorOptions>) =>
      doctor(await openRuntime(), out, format, options),
  );
  bind(
    program
      .command("serve")
      .description("scheduler, page and API in one process")
      .option("--host <address>", "loopback address to listen on", "127.0.0.1")
      .option("--port <number>", "port; 0 picks a free one", DEFAULT_PORT),
    async ({ out, options, openRuntime }: CommandContext<ServeOptions>) => serve(await openRuntime(), out, options),
  );
  bind(
    program.command("sweep").description("free superseded versions beyond the retention time, and what crashes left"),
    async ({ out, format, openRuntime }) => sweep(await openRuntime(), out, format),
  );
  bind(
    program
      .command("demo", { hidden: true })
      .description("what npm start runs: everything over the sample bills, in a lake that is thrown away")
      .addOption(new Option("--once", "print the report and end"))
      .option("--host <address>", "loopback address to listen on", "127.0.0.1")
      .option("--port <number>", "port; 0 picks a free one", DEFAULT_PORT),
    (context: CommandContext<DemoOptions>) => demo(context),
  );
}
