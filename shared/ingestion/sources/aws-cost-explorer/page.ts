import * as z from "zod";
import { tryParseDecimal } from "../../../core/decimal.ts";
import type { CostAndUsagePage } from "../../../ports/billing-apis.ts";
import type { BillLine, Keys } from "../../paged/bill-lines.ts";
import { keyValue } from "./group-key.ts";

const Amount = z.string().refine((text) => tryParseDecimal(text) !== undefined, "expected a decimal number");
const Metrics = z.record(z.string(), z.object({ Amount, Unit: z.string().nullish() }));
const Day = z.string().regex(/^\d{4}-\d{2}-\d{2}/, "expected a day");

/** One page of GetCostAndUsage, the parts that are read (`reference/clouds.md` §1.2). */
export const PageSchema = z.object({
  resultsByTime: z.array(
    z.object({
      TimePeriod: z.object({ Start: Day, End: Day }),
      Estimated: z.boolean().nullish(),
      Total: Metrics.nullish(),
      Groups: z.array(z.object({ Keys: z.array(z.string().nullable()), Metrics })).nullish(),
    }),
  ),
  dimensionValueAttributes: z.array(
    z.object({ Value: z.string().nullish(), Attributes: z.record(z.string(), z.string()).nullish() }),
  ),
  nextPageToken: z.string().optional(),
});

export type Page = z.infer<typeof PageSchema>;

export interface LinesOf {
  level: BillLine["level"];
  groupBy: readonly string[];
  /** What a slice was asked for. */
  where: Keys;
  payer: string;
}

/** Reads an answer; undefined problem: it is one. */
export function parsePage(answer: CostAndUsagePage, keyCount: number): { page: Page } | { problem: string } {
  const parsed = PageSchema.safeParse(answer);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { problem: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not understood"}` };
  }
  const wrong = parsed.data.resultsByTime
    .flatMap(({ Groups }) => Groups ?? [])
    .find(({ Keys }) => Keys.length !== keyCount);
  return wrong === undefined
    ? { page: parsed.data }
    : { problem: `a group with ${wrong.Keys.length} keys instead of ${keyCount}` };
}

/** The amounts of a page, one line each. */
export function pageLines(
  { resultsByTime, dimensionValueAttributes }: Page,
  { level, groupBy, where, payer }: LinesOf,
): BillLine[] {
  const names = new Map(dimensionValueAttributes.map(({ Value, Attributes }) => [Value, Attributes?.["description"]]));
  return resultsByTime.flatMap(({ TimePeriod, Estimated, Groups, Total }) =>
    groupsOf(Groups, Total, groupBy.length).flatMap(({ Keys, Metrics }) => {
      const own = Object.fromEntries(groupBy.map((key, index) => [key, keyValue(key, Keys[index] ?? null)]));
      const keys = { ...where, ...own };
      const account = keys["LINKED_ACCOUNT"];
      const accountName = account == null ? undefined : names.get(account);
      return Object.entries(Metrics).map(([measure, { Amount: amount, Unit: unit }]) => ({
        level,
        base: level === "base" ? keys : where,
        keys,
        day: TimePeriod.Start.slice(0, 10),
        dayEnd: TimePeriod.End.slice(0, 10),
        measure,
        amount,
        unit: unit ?? null,
        estimated: Estimated === true,
        payer,
        ...(accountName === undefined ? {} : { accountName }),
      }));
    }),
  );
}

type Group = NonNullable<Page["resultsByTime"][number]["Groups"]>[number];

/** A grouped answer has groups and an empty total; a total beside groups would be the same money again. */
function groupsOf(
  groups: readonly Group[] | null | undefined,
  total: Group["Metrics"] | null | undefined,
  keyCount: number,
): Group[] {
  if (groups != null && groups.length > 0) return [...groups];
  const amounts = Object.values(total ?? {});
  const isNothing = amounts.every(({ Amount: amount }) => tryParseDecimal(amount) === 0n);
  return isNothing ? [] : [{ Keys: Array.from({ length: keyCount }, () => null), Metrics: total ?? {} }];
}
