import type { Command } from "commander";
import { openCloudBilling } from "../../../shared/usecases/list-prices.ts";
import type { Bind, CommandContext } from "../command-context.ts";
import { type BillingOptions, billingCommand } from "../commands/billing.ts";

/** `billing`. */
export function addBillingCommands(program: Command, bind: Bind): void {
  bind(
    program
      .command("billing")
      .description("which Google Cloud billing account pays for which project")
      .option("--project <id...>", "only of these projects"),
    async ({ out, format, options, openRuntime }: CommandContext<BillingOptions>) =>
      billingCommand(await openCloudBilling(await openRuntime()), out, format, options),
  );
}
