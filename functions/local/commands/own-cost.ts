import { add, type Decimal, sum, ZERO } from "../../../shared/core/decimal.ts";
import { formatMoney } from "../../../shared/interfaces/console/money-text.ts";
import { type OwnCost, ownCost, ownCostDocument } from "../../../shared/usecases/own-cost/own-cost.ts";
import type { Runtime } from "../../../shared/usecases/runtime.ts";
import { answer } from "../answer.ts";
import type { Format, Output } from "../output.ts";
import { readPeriod } from "./report.ts";

/** `genops report --own-cost`: what GenOps itself spends per day and cloud. */
export async function ownCostCommand(
  runtime: Runtime,
  out: Output,
  format: Format,
  options: { period: string; periodBasis?: string | undefined },
): Promise<number> {
  const found = await ownCost(runtime, readPeriod(runtime, options.period, options.periodBasis));
  const document = ownCostDocument(found);
  answer(out, format, { document, records: document.lines, print: () => print(out, found) });
  return 0;
}

const ITEMS = ["invocations", "compute", "requests", "storage", "egress", "queue", "paid API"] as const;

function print(out: Output, { lines, billed, unread, pricesOf, period }: OwnCost): void {
  out.line(`GenOps' own cost, ${period.start} to ${period.end} (exclusive), at list prices of ${pricesOf}`);
  const days = Map.groupBy(lines, ({ day, cloud }) => `${day} ${cloud}`);
  const shown = ITEMS.filter((item) => lines.some((line) => line.item === item));
  out.table(
    [
      { title: "day", whole: true },
      { title: "cloud", whole: true },
      ...shown.map((title, index) => ({ title, align: "right" as const, leaveOut: index + 1 })),
      { title: "total", align: "right" as const },
    ],
    [...days.values()].map((own) => [
      own[0]?.day ?? "",
      own[0]?.cloud ?? "",
      ...shown.map((item) => money(own.find((line) => line.item === item)?.amount ?? ZERO)),
      money(sum(own.map(({ amount }) => amount))),
    ]),
  );
  if (lines.length === 0) out.line("Nothing that a cloud bills for was used.");
  out.line(`total ${money(lines.reduce<Decimal>((all, { amount }) => add(all, amount), ZERO))}`);
  for (const { cloud, currency, amount } of billed)
    out.line(`in ${cloud}'s bill so far: ${formatMoney(amount, currency)} for resources tagged genops-component`);
  for (const { source, why } of unread) out.line(`bill lines of ${source} are not looked through: ${why}`);
}

/** Days of GenOps cost cents: two places would show nothing. */
function money(amount: Decimal): string {
  return amount === ZERO ? "–" : `$${formatSix(amount)}`;
}

function formatSix(amount: Decimal): string {
  const micros = (amount + 10n ** 12n - 1n) / 10n ** 12n;
  return `${micros / 1_000_000n}.${String(micros % 1_000_000n).padStart(6, "0")}`;
}
