import type { Command } from "commander";
import { reportDocument } from "../../../shared/interfaces/api/documents.ts";
import { answer } from "../answer.ts";
import type { Bind, CommandContext } from "../command-context.ts";
import { type CostReportOptions, costReport, printCostReport } from "../commands/cost-report.ts";
import { ownCostCommand } from "../commands/own-cost.ts";
import { type ReconcileOptions, reconcileCommand } from "../commands/reconcile.ts";
import { exportReport, printReport, type ReportOptions, report, reportCsv } from "../commands/report.ts";

interface Extras {
  export?: string;
  to?: string;
  ownCost?: boolean;
}

/** `reconcile`, `report` and the guide's `cost-report`. */
export function addReportCommands(program: Command, bind: Bind): void {
  bind(
    program
      .command("reconcile")
      .description("the ledger against the provider's own totals, per account and invoice")
      .requiredOption("--period <month>", "billing period, such as 2024-09")
      .option("--source <id...>", "only these sources"),
    async ({ out, format, options, openRuntime }: CommandContext<ReconcileOptions>) =>
      reconcileCommand(await openRuntime(), out, format, options),
  );
  bind(
    program
      .command("report")
      .description("what was spent, by any dimension")
      .option(
        "--by <dimensions>",
        "comma-separated: provider, account, service, region, team, date, month, or any snake_case FOCUS column",
        "provider",
      )
      .option("--period <period>", "2024-09, 2024-Q3, 2024, 2024-09-01..2024-09-15, mtd, last-7-days", "mtd")
      .option("--cost <basis>", "billed, effective, list or contracted", "billed")
      .option("--period-basis <basis>", "billing or charge; default: billing for months, charge for days")
      .option("--source <id...>", "only these sources")
      .option("--own-cost", "what GenOps itself spends per day and cloud")
      .option("--export <version>", "write rows instead: focus-1.0, focus-1.2 or focus-1.4")
      .option("--to <file>", "where --export writes (.csv, .csv.gz or .parquet)"),
    async ({ out, format, options, openRuntime }: CommandContext<ReportOptions & Extras>) => {
      if (options.ownCost === true) return ownCostCommand(await openRuntime(), out, format, options);
      const runtime = await openRuntime();
      if (options.export !== undefined) {
        const rows = await exportReport(runtime, { ...options, export: options.export, to: options.to });
        if (format === "json") out.json({ rows, to: options.to });
        else out.line(`${rows} rows written to ${options.to ?? ""}`);
        return 0;
      }
      const document = await report(runtime, options);
      if (format === "json") out.json(reportDocument(document));
      else if (format === "csv") out.raw(reportCsv(document));
      else printReport(out, document);
      return 0;
    },
  );
  bind(
    program
      .command("cost-report")
      .description("totals per cloud, in the shape of the multi-cloud guide")
      .option("--cloud <cloud>", "all, aws, azure, gcp, …", "all")
      .option("--period <period>", "as in report", "last-7-days"),
    async ({ out, format, options, openRuntime }: CommandContext<CostReportOptions>) => {
      const clouds = await costReport(await openRuntime(), options);
      const records = Object.entries(clouds).map(([cloud, { by_service: _services, ...costs }]) => ({
        cloud,
        ...costs,
      }));
      answer(out, format, { document: clouds, records, print: () => printCostReport(out, clouds) });
      return 0;
    },
  );
}
