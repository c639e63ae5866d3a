import { add, type Decimal, formatDecimal, parseDecimal, ZERO } from "../../../core/decimal.ts";
import type { ConformanceFinding, RowPart, VersionTotals } from "../../versions.ts";
import { addAccounting } from "../accounting.ts";
import type { BillPeriod } from "../commit-bill.ts";
import type { SourceControl } from "../control-totals.ts";
import { blankMessage, twinMessage } from "../stage-deliveries.ts";
import type { ConversionJob, PartResult } from "./job.ts";

export interface CombinedPeriod extends BillPeriod {
  parts: RowPart[];
}

/** A bill put together from its parts, as if it had been read whole. */
export interface CombinedBill {
  /** The parts that count, in order: without blank ones and without repeated content. */
  counted: PartResult[];
  /** Those whose content another part has. Their rows must not stay. */
  twins: PartResult[];
  /** Names of blank parts. */
  empty: string[];
  stagedMessages: string[];
  periods: CombinedPeriod[];
  control: SourceControl | undefined;
  accounting: ReturnType<typeof addAccounting>;
  conformance: ConformanceFinding[];
  messages: string[];
}

const EXAMPLES = 3;

/** Adds parts up exactly. Rules that compare rows with each other have seen the rows of one part each. */
export function combineParts(job: ConversionJob, results: readonly PartResult[]): CombinedBill {
  const sorted = sortOut(job, results);
  const { counted } = sorted;
  return {
    ...sorted,
    periods: addPeriods(counted),
    control: addControl(counted),
    accounting: addAccounting(counted.map(({ accounting }) => accounting)),
    conformance: addConformance(counted.flatMap(({ conformance }) => conformance)),
    messages: [...new Set(counted.flatMap(({ messages }) => messages))],
  };
}

/** As `stageDeliveries` does with files: the same content under two names counts once and is said. */
function sortOut(
  job: ConversionJob,
  results: readonly PartResult[],
): Pick<CombinedBill, "counted" | "twins" | "empty" | "stagedMessages"> {
  const sorted: ReturnType<typeof sortOut> = { counted: [], twins: [], empty: [], stagedMessages: [] };
  const seen = new Map<string, string>();
  for (const result of results.toSorted((a, b) => a.part - b.part)) {
    const name = job.parts[result.part]?.name ?? "";
    const twin = seen.get(result.sha256);
    if (result.blank) {
      sorted.empty.push(name);
      sorted.stagedMessages.push(blankMessage(name));
    } else if (twin !== undefined) {
      sorted.twins.push(result);
      sorted.stagedMessages.push(twinMessage(name, twin));
    } else sorted.counted.push(result);
    seen.set(result.sha256, name);
  }
  return sorted;
}

function addPeriods(results: readonly PartResult[]): CombinedPeriod[] {
  const all = results.flatMap(({ periods }) => periods);
  return [...Map.groupBy(all, ({ billingPeriod }) => billingPeriod)]
    .map(([billingPeriod, own]) => ({
      billingPeriod,
      rows: own.reduce((sum, { rows }) => sum + rows, 0),
      totals: addTotals(own.flatMap(({ totals }) => totals)),
      providers: [...new Set(own.flatMap(({ providers }) => providers))].sort(),
      parts: own.flatMap(({ parts }) => parts),
    }))
    .sort((a, b) => (a.billingPeriod < b.billingPeriod ? -1 : 1));
}

function addTotals(totals: readonly VersionTotals[]): VersionTotals[] {
  const addUp = (own: readonly VersionTotals[], field: "billed" | "effective" | "absoluteBilled") =>
    formatDecimal(own.reduce<Decimal>((sum, total) => add(sum, parseDecimal(total[field])), ZERO));
  return [...Map.groupBy(totals, ({ currency }) => currency)]
    .map(([currency, own]) => ({
      currency,
      billed: addUp(own, "billed"),
      effective: addUp(own, "effective"),
      absoluteBilled: addUp(own, "absoluteBilled"),
    }))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

/** L1: the source's own totals of the whole bill. */
function addControl(results: readonly PartResult[]): SourceControl | undefined {
  const given = results.filter(({ control }) => control !== undefined);
  if (given.length === 0) return undefined;
  const lines = given.flatMap(({ control }) => control ?? []);
  const byPeriod = Map.groupBy(lines, ({ billingPeriod }) => billingPeriod);
  return new Map(
    [...byPeriod].map(([period, own]) => [
      period,
      [...Map.groupBy(own, ({ metric, currency }) => `${metric} ${currency}`).values()].flatMap(([first, ...rest]) =>
        first === undefined
          ? []
          : [
              {
                metric: first.metric,
                currency: first.currency,
                amount: [first, ...rest].reduce<Decimal>((sum, { amount }) => add(sum, parseDecimal(amount)), ZERO),
              },
            ],
      ),
    ]),
  );
}

function addConformance(findings: readonly ConformanceFinding[]): ConformanceFinding[] {
  const order = ({ severity }: ConformanceFinding) => (severity === "error" ? 0 : 1);
  return [...Map.groupBy(findings, ({ rule, severity }) => `${rule} ${severity}`).values()]
    .flatMap(([first, ...rest]) =>
      first === undefined
        ? []
        : [
            {
              ...first,
              rows: rest.reduce((sum, { rows }) => sum + rows, first.rows),
              examples: [...new Set([first, ...rest].flatMap(({ examples }) => examples))].slice(0, EXAMPLES),
            },
          ],
    )
    .sort((a, b) => order(a) - order(b) || b.rows - a.rows || (a.rule < b.rule ? -1 : 1));
}
