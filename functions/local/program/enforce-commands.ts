import type { Command } from "commander";
import { approveByToken } from "../../../shared/usecases/approvals.ts";
import { planHashOf } from "../../../shared/usecases/enforce/find-plan.ts";
import type { Bind, CommandContext } from "../command-context.ts";
import { type ApplyOptions, applyCommand } from "../commands/enforce/apply.ts";
import { type PlanOptions, planCommand } from "../commands/enforce/plan.ts";
import { readToken } from "../commands/enforce/read-token.ts";
import { type RestoreOptions, restoreCommand } from "../commands/enforce/restore.ts";
import { type SimulateOptions, simulateCommand } from "../commands/enforce/simulate.ts";
import { printDecided, type StopOptions, statusCommand, stopCommand } from "../commands/enforce/status.ts";
import { nameOfUser } from "../name-of-user.ts";

const CLUSTERS = ["--cluster <name...>", "only these clusters"] as const;

/** `enforce plan|approve|apply|restore|status|stop|simulate`: acting on clusters (`docs/enforcement.md`). */
export function addEnforceCommands(program: Command, bind: Bind): void {
  const command = program.command("enforce").description("act on clusters, and give everything back");
  addPlan(command, bind);
  bind(
    command
      .command("approve <hash>")
      .description("approve a plan as the person whose OIDC token this is")
      .requiredOption("--token-file <file>", "file with the token; - reads it from stdin"),
    async ({ out, format, options, openRuntime }: CommandContext<{ tokenFile: string }>, hash) => {
      const token = await readToken(options.tokenFile);
      const runtime = await openRuntime();
      printDecided(out, format, await approveByToken(runtime, await planHashOf(runtime, hash ?? ""), token));
      return 0;
    },
  );
  bind(
    command
      .command("apply [hash]")
      .description("carry out an approved plan; without a hash: one whole run, as the enforce function makes it")
      .option(...CLUSTERS)
      .option("--no-verify", "do not wait and look again at what was written"),
    async ({ out, format, options, openRuntime }: CommandContext<ApplyOptions>, hash) =>
      applyCommand(await openRuntime(), out, format, { ...options, hash }),
  );
  addCareful(command, bind);
}

/** What is safe at 3 a.m.: giving back, looking, stopping, and asking the past. */
function addCareful(command: Command, bind: Bind): void {
  bind(
    command
      .command("restore")
      .description("give back what is held")
      .option("--all", "everything")
      .option("--policy <name...>", "what these policies hold")
      .option("--step <id...>", "these steps")
      .option("--from-annotations", "from the objects alone, where the lake is gone")
      .option(...CLUSTERS),
    async ({ out, format, options, openRuntime }: CommandContext<RestoreOptions>) =>
      restoreCommand(await openRuntime(), out, format, options),
  );
  bind(
    command.command("status").description("what is held, what waits for approval, what it saves"),
    async ({ out, format, openRuntime }) => statusCommand(await openRuntime(), out, format),
  );
  bind(
    command
      .command("stop")
      .description("the kill switch: nothing is written until --lift; restore by hand still works")
      .option("--lift", "go on")
      .option("--by <name>", "who", nameOfUser())
      .option("--reason <text>", "why", "by hand"),
    async ({ out, format, options, openRuntime }: CommandContext<StopOptions>) =>
      stopCommand(await openRuntime(), out, format, options),
  );
  bind(
    command
      .command("simulate")
      .description("replay past bills: what would have been done, and what it would have saved")
      .option("--since <period>", "how far back, in days", "90d")
      .option(...CLUSTERS),
    async ({ out, format, options, openRuntime }: CommandContext<SimulateOptions>) =>
      simulateCommand(await openRuntime(), out, format, options),
  );
}

function addPlan(command: Command, bind: Bind): void {
  bind(
    command
      .command("plan")
      .description("what would be done now, what it saves, and what is left out and why; changes nothing")
      .option(...CLUSTERS)
      .option("--scope <dimension=value...>", "for this scope instead of what budgets want: team=ml environment=dev")
      .option("--rung <rung>", "with --scope: freeze, throttle (default) or block")
      .option("--cordon <node...>", "keep new pods off these nodes; for people, with --cluster")
      .option("--taint-no-execute <node...>", "empty these nodes, pods do not come back; for people, with --cluster")
      .option("--evict <namespace/Kind/name...>", "evict these workloads' pods; for people, with --cluster")
      .option(
        "--billing <budget...>",
        "node pools and projects that enforcement.billing names for these budgets; for people",
      )
      .option("--until <instant>", "with what is asked for by hand: when it is given back; default: in a day")
      .option("--whole", "all that budgets want in one plan, instead of the next rung only")
      .option("--propose", "put it before the approvers, in the name of whoever's token this is")
      .option("--token-file <file>", "with --propose: file with your OIDC token; - reads it from stdin"),
    async ({ out, format, options, openRuntime }: CommandContext<PlanOptions>) =>
      planCommand(await openRuntime(), out, format, options),
  );
}
