import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDecimal, fromScaled } from "../../../shared/core/decimal.ts";
import type { AlertReceived } from "../../../shared/core/events.ts";
import { canonicalJson } from "../../../shared/core/json.ts";
import { listFindings } from "../../../shared/governance/findings/finding-store.ts";
import { encodeFinding } from "../../../shared/governance/findings/schema.ts";
import { parseAmountText } from "../../../shared/governance/inbound-alerts/amount-text.ts";
import { hearAlert } from "../../../shared/governance/inbound-alerts/hear-alert.ts";
import { observeAlert } from "../../../shared/governance/inbound-alerts/observe-alert.ts";
import {
  azureAlert,
  fixture,
  googleAlert,
  googleMessage,
  jsonFixture,
  SENT_AT,
  snsAlert,
} from "../../unit/governance/inbound-alerts/alerts.ts";
import { memoryStore, recordingBus, testClock } from "../../unit/governance/support.ts";

const sentAt = fc.integer({ min: 0, max: 5 }).map((hour) => `2026-11-22T0${hour}:00:00.000Z`);
const cost = fc.integer({ min: 40_000, max: 60_000 }).map((cents) => cents / 100);
const share = fc.constantFrom(undefined, 0.5, 0.9, 1);

const google = fc
  .record({
    sentAt,
    costAmount: cost,
    alertThresholdExceeded: share,
    forecastThresholdExceeded: share,
    budgetId: fc.constantFrom("b-1", "b-2"),
  })
  .map(({ sentAt: sent, budgetId, ...fields }) =>
    googleAlert(googleMessage(fields), { sentAt: sent, attributes: { budgetId } }),
  );
const aws = fc
  .record({ sentAt, cost, basis: fc.constantFrom("ACTUAL", "FORECASTED") })
  .map(({ sentAt: sent, cost: spent, basis }) =>
    snsAlert(fixture("aws-budget.txt").replaceAll("ACTUAL", basis).replaceAll("412.55", spent.toFixed(2)), {
      sentAt: sent,
    }),
  );
const anomaly = fc
  .record({ sentAt, totalImpact: cost })
  .map(({ sentAt: sent, totalImpact }) =>
    snsAlert(JSON.stringify({ ...jsonFixture("aws-anomaly-sns.json"), impact: { totalImpact } }), { sentAt: sent }),
  );
const unknown = fc
  .record({ sentAt, value: cost, word: fc.constantFrom("a", "b") })
  .map(({ sentAt: sent, value, word }) => azureAlert(JSON.stringify({ word, value }), { sentAt: sent }));
const message = fc.oneof(google, aws, anomaly, unknown);

/** Delivers messages and gives what is known afterwards: everything but counts and the times of our own clock. */
async function deliver(messages: readonly AlertReceived[], atOnce = false): Promise<string[]> {
  const store = atOnce ? memoryStore(() => new Promise((resolve) => setImmediate(resolve))) : memoryStore();
  const deps = { store, clock: testClock("2026-11-22T12:00:00.000Z"), events: recordingBus() };
  const hear = async (alert: AlertReceived) => {
    for (const seen of observeAlert(alert, SENT_AT).observations) await hearAlert(deps, seen);
  };
  if (atOnce) await Promise.all(messages.map(hear));
  else for (const alert of messages) await hear(alert);
  return (await listFindings(deps))
    .map((finding) => {
      const { revision: _, openedAt: _opened, updatedAt: _updated, ...rest } = encodeFinding(finding);
      return canonicalJson(rest);
    })
    .sort();
}

/** A list, and the same messages repeated and in another order. */
const deliveries = fc.array(message, { minLength: 1, maxLength: 8 }).chain((once) =>
  fc.record({
    once: fc.constant(once),
    again: fc
      .array(fc.nat({ max: once.length - 1 }), { maxLength: 8 })
      .map((extra) => [...once, ...extra.flatMap((index) => once[index] ?? [])])
      .chain((many) => fc.shuffledSubarray(many, { minLength: many.length, maxLength: many.length })),
  }),
);

describe("alerts of the clouds", () => {
  it("end in the same findings whatever the order and repetition", async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ once, again }) => {
        expect(await deliver(again)).toEqual(await deliver(once));
      }),
      { numRuns: 150 },
    );
  });

  it("end in the same findings when they come all at once", async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ once, again }) => {
        expect(await deliver(again, true)).toEqual(await deliver(once));
      }),
      { numRuns: 40 },
    );
  });

  it("are never lost and never break anything, whatever they hold", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.constantFrom("__proto__", "constructor", "toString"),
    );
    const hostile = fc.oneof(
      text,
      fc
        .jsonValue()
        .map((value) =>
          JSON.stringify({ ...jsonFixture("google-budget.json"), budgetDisplayName: value, costAmount: value }),
        ),
      fc
        .dictionary(text, fc.jsonValue())
        .map((value) => JSON.stringify({ schemaId: "azureMonitorCommonAlertSchema", data: value })),
      text.map((name) => fixture("aws-budget.txt").replaceAll("ml training", () => name)),
      text.map((amount) => fixture("aws-budget.txt").replaceAll("$412.55", () => amount)),
      fc
        .jsonValue()
        .map((impact) => JSON.stringify({ ...jsonFixture("aws-anomaly-sns.json"), impact, rootCauses: impact })),
    );
    const from = fc.constantFrom("aws-sns", "aws-eventbridge", "azure-action-group", "gcp-budget");
    const attributes = fc.dictionary(text, fc.string(), { maxKeys: 5 });
    fc.assert(
      fc.property(hostile, from, attributes, fc.string(), (content, sender, given, sent) => {
        const alert: AlertReceived = { from: sender, sentAt: sent, attributes: given, message: content };
        const { observations, remarks } = observeAlert(alert, SENT_AT);
        expect(observations.length > 0 || remarks.length > 0).toBe(true);
        for (const { title, period } of observations) {
          expect(title.length).toBeLessThan(1_000);
          expect(period.start < period.end).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("parseAmountText", () => {
  const locales = ["en-US", "de-DE", "fr-FR", "de-CH", "pt-BR", "en-IN", "sv-SE", "pl-PL", "ja-JP"];

  it("reads back what each language writes", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n }), fc.constantFrom(...locales), (cents, locale) => {
        const amount = formatDecimal(fromScaled(cents * 10n ** 16n));
        const format = new Intl.NumberFormat(locale, { style: "currency", currency: "EUR", minimumFractionDigits: 2 });
        const read = parseAmountText(format.format(amount as Intl.StringNumericLiteral), "EUR");
        expect(read === undefined ? undefined : formatDecimal(read)).toBe(amount);
      }),
    );
  });
});
