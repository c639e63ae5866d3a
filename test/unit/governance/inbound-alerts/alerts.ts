import { readFileSync } from "node:fs";
import type { AlertReceived } from "../../../../shared/core/events.ts";

export const SENT_AT = "2026-11-22T06:00:00.000Z";
export const TOPIC = "arn:aws:sns:us-east-1:111122223333:budgets";

/** A message as a cloud sends it: `test/fixtures/alerts`. */
export function fixture(name: string): string {
  return readFileSync(new URL(`../../../fixtures/alerts/${name}`, import.meta.url), "utf8");
}

export function jsonFixture(name: string): Record<string, unknown> {
  return JSON.parse(fixture(name)) as Record<string, unknown>;
}

export function snsAlert(message: unknown, fields: Partial<AlertReceived> = {}): AlertReceived {
  return { from: "aws-sns", deliveryId: "m1", sentAt: SENT_AT, attributes: { topic: TOPIC }, message, ...fields };
}

export function azureAlert(message: unknown, fields: Partial<AlertReceived> = {}): AlertReceived {
  return { from: "azure-action-group", sentAt: SENT_AT, attributes: {}, message, ...fields };
}

export function googleAlert(message: unknown, fields: Partial<AlertReceived> = {}): AlertReceived {
  const attributes = { billingAccountId: "01ABCD-234567-89EFAB", budgetId: "b-1", schemaVersion: "1.0" };
  return { from: "gcp-budget", sentAt: SENT_AT, attributes, message, ...fields };
}

/** The Google fixture with other fields; `undefined` leaves one out. */
export function googleMessage(fields: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ ...jsonFixture("google-budget.json"), ...fields });
}
