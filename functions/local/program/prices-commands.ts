import type { Command } from "commander";
import type { Bind, CommandContext } from "../command-context.ts";
import { type ShowOptions, type SyncOptions, showPricesCommand, syncPricesCommand } from "../commands/prices.ts";

/** `prices sync` and `prices show`. */
export function addPricesCommands(program: Command, bind: Bind): void {
  const prices = program.command("prices").description("dated list prices");
  bind(
    prices
      .command("sync")
      .description("take Google Cloud's present list prices of services into the lake")
      .requiredOption("--service <service...>", 'id or name, such as 6F81-5844-456A or "Compute Engine"')
      .option("--currency <code>", "currency of the prices", "USD"),
    async ({ out, format, options, openRuntime }: CommandContext<SyncOptions>) =>
      syncPricesCommand(await openRuntime(), out, format, options),
  );
  bind(
    prices
      .command("show")
      .description("list prices by SKU, service or words of the description")
      .option("--sku <id>", "one SKU")
      .option("--service <id>", "one service")
      .option("--search <words>", "words of the description")
      .option("--currency <code>", "one currency")
      .option("--at <day>", "the price that held then")
      .option("--quantity <amount>", "what so many usage units of a month cost"),
    async ({ out, format, options, openRuntime }: CommandContext<ShowOptions>) =>
      showPricesCommand(await openRuntime(), out, format, options),
  );
}
