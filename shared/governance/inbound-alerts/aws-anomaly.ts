import * as z from "zod";
import { type Decimal, formatDecimal, tryParseDecimal } from "../../core/decimal.ts";
import type { Contributor } from "../../core/finding.ts";
import { readDay } from "./instants.ts";
import { knownFacts, shortText } from "./limits.ts";
import type { Reading } from "./types.ts";

/** Numbers arrive as their source text (`exact-json.ts`). */
const Amount = z
  .string()
  .transform((text, context) => {
    const value = tryParseDecimal(text);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: "not an amount" });
    return z.NEVER;
  })
  .nullish();
const Text = z.string().nullish();

const RootCause = z.object({
  linkedAccount: Text,
  linkedAccountName: Text,
  region: Text,
  service: Text,
  usageType: Text,
  impact: z.object({ contribution: Amount }).nullish().catch(undefined),
});

/** `dimensionalValue` through SNS, `dimensionValue` on EventBridge; only ids, score, maximum and monitor are sure to be there. */
const Anomaly = z.object({
  anomalyId: z.string().min(1),
  anomalyStartDate: Text,
  anomalyEndDate: Text,
  dimensionalValue: Text,
  dimensionValue: Text,
  impact: z.object({
    maxImpact: Amount,
    totalImpact: Amount,
    totalActualSpend: Amount,
    totalExpectedSpend: Amount,
    totalImpactPercentage: Amount,
  }),
  monitorArn: z.string(),
  monitorName: Text,
  rootCauses: z.array(RootCause).nullish().catch(undefined),
  accountId: Text,
  anomalyDetailsLink: Text,
  feedback: Text,
});

const MOST_CAUSES = 10;

/** An anomaly of AWS Cost Anomaly Detection, as SNS and EventBridge carry it (`reference/clouds.md` §1.5); one anomaly is one finding. */
export function readAwsAnomaly(message: unknown, { sentDay }: { sentDay: string }): Reading {
  const parsed = Anomaly.safeParse(message);
  const impact = parsed.data?.impact.totalImpact ?? parsed.data?.impact.maxImpact;
  if (!parsed.success || impact == null)
    return { unread: "not an anomaly of AWS Cost Anomaly Detection as it was known" };
  const { data } = parsed;
  const figures = data.impact;
  const account = data.accountId ?? /^arn:[\w-]+:ce::(\d{12}):/.exec(data.monitorArn)?.[1];
  return {
    alerts: [
      {
        what: "anomaly",
        scope: { provider: ["aws"], ...(account == null ? {} : { account: [shortText(account)] }) },
        anomalyId: shortText(data.anomalyId),
        dimension: shortText(data.dimensionalValue ?? data.dimensionValue ?? ""),
        start: readDay(data.anomalyStartDate) ?? sentDay,
        impact,
        currency: data.monitorArn.startsWith("arn:aws-cn:") ? "CNY" : "USD",
        contributors: (data.rootCauses ?? []).slice(0, MOST_CAUSES).flatMap(contributor),
        facts: knownFacts({
          expected: text(figures.totalExpectedSpend),
          actual: text(figures.totalActualSpend),
          impactPercent: figures.totalImpactPercentage == null ? undefined : `${text(figures.totalImpactPercentage)}%`,
          until: readDay(data.anomalyEndDate),
          causes: causesInWords(data.rootCauses ?? []),
          monitor: data.monitorName ?? data.monitorArn,
          details: data.anomalyDetailsLink,
          feedback: data.feedback,
        }),
      },
    ],
  };
}

type Cause = z.output<typeof RootCause>;

/** A cause with a known part of the impact. */
function contributor(cause: Cause): Contributor[] {
  const amount = cause.impact?.contribution;
  return amount == null ? [] : [{ keys: causeKeys(cause), amount }];
}

/** Causes whose part is not known. */
function causesInWords(causes: readonly Cause[]): string {
  return causes
    .filter(({ impact }) => impact?.contribution == null)
    .slice(0, MOST_CAUSES)
    .map((cause) => Object.values(causeKeys(cause)).join(" / "))
    .join("; ");
}

function causeKeys({ service, region, linkedAccount, usageType }: Cause): Record<string, string> {
  return knownFacts({ service, region, account: linkedAccount, usage_type: usageType });
}

function text(amount: Decimal | null | undefined): string | undefined {
  return amount == null ? undefined : formatDecimal(amount);
}
