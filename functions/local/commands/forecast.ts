import { formatDecimal, parseDecimal } from "../../../shared/core/decimal.ts";
import type { ScopeForecast } from "../../../shared/governance/forecasts/forecast-scopes.ts";
import type { BudgetsDocument } from "../../../shared/interfaces/api/documents.ts";
import { formatMoney } from "../../../shared/interfaces/console/money-text.ts";
import { answer } from "../answer.ts";
import type { Format, Output } from "../output.ts";

/** The forecast of each budget's scope to the end of its period, with its 80 % interval. */
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

/** The forecast of the present month per value of a dimension, and in all. */
export function printScopeForecast(
  out: Output,
  format: Format,
  by: string,
  { total, parts }: { total: ScopeForecast; parts: readonly ScopeForecast[] },
): void {
  const forecasts = parts.map(scopeRecord);
  const document = { by, forecasts, total: scopeRecord(total) };
  answer(out, format, { document, records: forecasts, print: () => printScopeTable(out, by, total, parts) });
}

function scopeRecord({ name, scope, period, currency, actual, forecast, missingRates }: ScopeForecast) {
  return {
    name,
    scope,
    period,
    currency,
    actual: formatDecimal(actual),
    forecast: {
      amount: formatDecimal(forecast.amount),
      low: formatDecimal(forecast.low),
      high: formatDecimal(forecast.high),
    },
    ...(missingRates.length === 0 ? {} : { missingRates }),
  };
}

function printScopeTable(out: Output, by: string, total: ScopeForecast, parts: readonly ScopeForecast[]): void {
  out.table(
    [
      { title: by, whole: true },
      { title: "so far", align: "right", leaveOut: 3 },
      { title: "forecast", align: "right" },
      { title: "low", align: "right", leaveOut: 1 },
      { title: "high", align: "right", leaveOut: 2 },
    ],
    [...parts.map((part) => ({ ...part, name: part.name || "(none)" })), { ...total, name: "total" }].map(
      ({ name, currency, actual, forecast }) => [
        name,
        formatMoney(actual, currency),
        formatMoney(forecast.amount, currency),
        formatMoney(forecast.low, currency),
        formatMoney(forecast.high, currency),
      ],
    ),
  );
  out.line(`The month ends on ${total.period.end} (exclusive). Low and high: four of five months end between them.`);
  for (const currency of total.missingRates) out.line(`Cost in ${currency} is missing: there is no rate.`);
}
