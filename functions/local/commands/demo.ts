import { fileURLToPath } from "node:url";
import { listFeedback } from "../../../shared/governance/anomalies/feedback/feedback-store.ts";
import { largestFirst } from "../../../shared/governance/anomalies/rules/largest-first.ts";
import { createTempFolder } from "../../../shared/platforms/local/temp-folders.ts";
import { planNow } from "../../../shared/usecases/enforce/plan-now.ts";
import { atOnce, wantsNow } from "../../../shared/usecases/enforce/settle-wants.ts";
import { evaluateAndTell } from "../../../shared/usecases/evaluate-and-tell.ts";
import type { CommandContext } from "../command-context.ts";
import { printExplanation } from "./anomalies.ts";
import { collect, collectDocument, collectExitCode, printRuns } from "./collect.ts";
import { printPlans } from "./enforce/plan.ts";
import { printBudgets, printFindings } from "./governance.ts";
import { printReport, report } from "./report.ts";
import { type ServeOptions, serve } from "./serve.ts";

export interface DemoOptions extends ServeOptions {
  once?: boolean;
}

const CONFIG = fileURLToPath(new URL("../../../samples/genops.yaml", import.meta.url));
/** The samples end here; the last days are only partly delivered. */
const SAMPLE_NOW = "2024-09-30T12:00:00Z";
const NOTICE =
  "Sample data: a generated, fictional company, and published and hand-made bills. The clock stands at 2024-09-30.";

/** `npm start`: collect → prove the totals → evaluate → plan → tell, over the sample bills and the sample cluster, then the page. */
export async function demo({ options, out, format, openRuntime }: CommandContext<DemoOptions>): Promise<number> {
  const lake = options.lake ?? `file:${await createTempFolder("sample-lake")}`;
  const runtime = await openRuntime(CONFIG, { lake, now: SAMPLE_NOW, shiftClock: true });
  out.progress.note(`${NOTICE} Bills: samples/README.md`);
  const runs = await collect(runtime, {});
  out.progress.close();
  const evaluated = await evaluateAndTell(runtime);
  const settled = await wantsNow(runtime);
  // All that is wanted at once, to show what a block would save; a real run goes rung by rung.
  const planned = await planNow(runtime, { ...settled, wants: settled.wants.map(atOnce), requester: "genops" });
  if (format === "json") {
    out.json(collectDocument(runs));
  } else {
    heading("1. Bills, and the proof of their totals");
    printRuns(out, runs);
    heading("2. September by provider and category");
    printReport(out, await report(runtime, { by: "provider,charge_category", period: "2024-09", cost: "billed" }));
    heading("3. Budgets");
    printBudgets(out, evaluated.budgets);
    heading("4. Findings");
    printFindings(out, evaluated.findings);
    const [anomaly] = largestFirst(
      evaluated.findings.filter(({ kind }) => kind === "anomaly"),
      ({ amount }) => amount,
    );
    if (anomaly !== undefined) {
      heading("The largest anomaly (genops anomalies --explain KEY)");
      printExplanation(out, anomaly, await listFeedback(runtime.lake), runtime.clock.evaluationNow());
    }
    heading("5. The plan: what would be done in the cluster (mode dry-run: nothing is)");
    printPlans(out, settled.wants, settled.notYet, planned);
    heading("6. What Slack would be told (no notifier is configured)");
    for (const message of evaluated.preview) out.line(`${message}\n`);
  }
  if (options.once === true) return collectExitCode(runs);
  return await serve(runtime, out, options, NOTICE);

  function heading(text: string): void {
    out.line();
    if (out.color) out.raw(`\u001b[1m${text}\u001b[0m\n`);
    else out.line(text);
    out.line();
  }
}
