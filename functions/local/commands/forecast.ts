import { parseDecimal } from "../../../shared/core/decimal.ts";
import type { BudgetsDocument } from "../../../shared/interfaces/api/documents.ts";
import { formatMoney } from "../../../shared/interfaces/console/money-text.ts";
import { answer } from "../answer.ts";
import type { Format, Output } from "../output.ts";

/** The run-rate forecast of each budget's scope to the end of its period, with its 80 % interval. */
export function printForecast(out: Output, format: Format, { budgets }: BudgetsDocument): void {
  const forecasts = budgets.map(({ name, scope, period, currency, actual, forecast, limit }) => ({
    name,
    scope,
    period,
    currency,
    actual,
    forecast,
    limit,
  }));
  answer(out, format, { document: { forecasts }, records: forecasts, print: () => printTable(out, budgets) });
}

function printTable(out: Output, budgets: BudgetsDocument["budgets"]): void {
  if (budgets.length === 0) {
    out.line("No budgets are configured.");
    return;
  }
  const money = (amount: string | undefined, currency: string) =>
    amount === undefined ? "–" : formatMoney(parseDecimal(amount), currency);
  out.table(
    [
      { title: "budget", whole: true },
      { title: "period ends", whole: true, leaveOut: 3 },
      { title: "so far", align: "right", leaveOut: 4 },
      { title: "forecast", align: "right" },
      { title: "low", align: "right", leaveOut: 1 },
      { title: "high", align: "right", leaveOut: 2 },
      { title: "limit", align: "right" },
    ],
    budgets.map(({ name, period, actual, forecast, limit, currency }) => [
      name,
      period.end,
      money(actual, currency),
      money(forecast?.amount, currency),
      money(forecast?.low, currency),
      money(forecast?.high, currency),
      money(limit, currency),
    ]),
  );
}
