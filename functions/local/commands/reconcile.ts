import { abs, type Decimal } from "../../../shared/core/decimal.ts";
import { formatMoney } from "../../../shared/interfaces/console/money-text.ts";
import { type Reconciliation, reconcile, reconcileDocument } from "../../../shared/usecases/reconcile/reconcile.ts";
import type { Runtime } from "../../../shared/usecases/runtime.ts";
import { answer } from "../answer.ts";
import type { Format, Output } from "../output.ts";

export interface ReconcileOptions {
  period: string;
  source?: string[];
}

/** `genops reconcile`: 0 when all residuals are within the bound, 1 when one is above it, 3 when a total could not be had. */
export async function reconcileCommand(
  runtime: Runtime,
  out: Output,
  format: Format,
  { period, source }: ReconcileOptions,
): Promise<number> {
  const { bound } = runtime.config.reconcile;
  const reconciliations = await reconcile(runtime, { period, sources: source });
  const document = reconcileDocument(reconciliations, bound);
  answer(out, format, {
    document,
    // What could not be compared is a record, too.
    records: document.reconciliations.flatMap(({ residuals, ...head }) =>
      residuals.length === 0 ? [head] : residuals.map((residual) => ({ ...head, ...residual })),
    ),
    print: () => {
      for (const found of reconciliations) print(out, found, bound);
    },
  });
  if (reconciliations.some(({ problem }) => problem !== undefined)) return 3;
  const above = reconciliations.flatMap(({ residuals }) => residuals).some((found) => isAbove(found, bound));
  return above ? 1 : 0;
}

function isAbove({ residual }: { residual: Decimal }, bound: Decimal): boolean {
  return abs(residual) > bound;
}

function print(out: Output, { source, period, origin, residuals, problem }: Reconciliation, bound: Decimal): void {
  if (problem !== undefined) {
    out.line(`${source} ${period}: not compared: ${problem}`);
    return;
  }
  out.line(`${source} ${period} against ${origin}`);
  out.table(
    [
      { title: "account", whole: true },
      { title: "invoice", leaveOut: 1 },
      { title: "ledger", align: "right" },
      { title: "independent", align: "right" },
      { title: "residual", align: "right", whole: true },
      { title: "reason", minWidth: 10 },
    ],
    residuals.map((found) => [
      found.account || "(none)",
      found.invoice ?? "–",
      formatMoney(found.ledger, found.currency),
      formatMoney(found.independent, found.currency),
      { text: formatMoney(found.residual, found.currency), color: isAbove(found, bound) ? "yellow" : "green" },
      found.parts.map(({ reason, amount }) => `${reason} ${formatMoney(amount, found.currency)}`).join(", "),
    ]),
  );
}
