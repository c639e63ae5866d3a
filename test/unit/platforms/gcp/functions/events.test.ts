import { describe, expect, it } from "vitest";
import { eventsOf } from "../../../../../shared/platforms/gcp/functions/events.ts";
import { finalized, published, storageNotification } from "../../../../support/functions/gcp-events.ts";

const MANIFEST = "focus/2026-11/manifest.json";

describe("a Pub/Sub message", () => {
  it("brings an event of ours", () => {
    const event = { specversion: "1.0", id: "1", type: "genops.collect.wanted" };
    expect(eventsOf(published({ text: JSON.stringify(event) }), "collect")).toEqual([event]);
  });

  it("brings a schedule, at the moment that it was published", () => {
    expect(eventsOf(published({ id: "77", text: '{"task":"sweep"}' }), "collect")).toMatchObject([
      { type: "genops.schedule.due", id: "77", time: "2026-11-22T06:00:00.000Z", data: { task: "sweep" } },
    ]);
  });

  it("brings Storage's notification of a manifest, and of nothing else", () => {
    expect(eventsOf(published(storageNotification("bills", MANIFEST)), "collect")).toMatchObject([
      { type: "genops.export.written", data: { location: `gs://bills/${MANIFEST}` } },
    ]);
    expect(eventsOf(published(storageNotification("bills", "focus/1.parquet")), "collect")).toEqual([]);
    expect(eventsOf(published(storageNotification("bills", MANIFEST, "OBJECT_DELETE")), "collect")).toEqual([]);
  });

  it("brings a budget's alert, letter by letter, with what the transport knows", () => {
    const text = '{"budgetDisplayName":"ml","costAmount":451.07,"budgetAmount":500.0,"currencyCode":"EUR"}';
    const attributes = { billingAccountId: "01ABCD-234567-89EFAB", budgetId: "b", schemaVersion: "1.0" };
    expect(eventsOf(published({ text, attributes }), "alerts")).toMatchObject([
      {
        type: "genops.alert.received",
        data: {
          from: "gcp-budget",
          deliveryId: "9871",
          sentAt: "2026-11-22T06:00:00.000Z",
          attributes: { ...attributes, subscription: "projects/genops-test/subscriptions/genops-collect" },
          message: text,
        },
      },
    ]);
  });
});

it("brings what a hook has verified to alerts as it is", () => {
  const event = { specversion: "1.0", id: "1", type: "genops.alert.received", data: { from: "aws-sns" } };
  expect(eventsOf(published({ text: JSON.stringify(event) }), "alerts")).toEqual([event]);
});

describe("a Storage event", () => {
  it("tells of manifests only", () => {
    expect(eventsOf(finalized("bills", MANIFEST), "collect")).toMatchObject([
      { data: { location: `gs://bills/${MANIFEST}` } },
    ]);
    expect(eventsOf(finalized("bills", "a.csv"), "collect")).toEqual([]);
  });
});

describe("anything else", () => {
  const message = published({ text: "{}" });
  it.each([
    ["any JSON", { hello: 1 }],
    ["text", "text"],
    ["another type", { ...message, type: "google.cloud.audit.log.v1.written" }],
    ["no id", { ...message, id: undefined }],
    ["no message", { ...message, data: {} }],
    ["a message without data", { ...message, data: { message: { attributes: {} } } }],
    ["text that is no JSON", published({ text: "hello" })],
    ["JSON that is no event", published({ text: '{"hello":1}' })],
    ["a Storage event without a name", { ...finalized("b", "m"), data: { bucket: "b" } }],
  ])("is handed on, to be refused: %s", (_what, event) => {
    expect(eventsOf(event, "collect")).toEqual([event]);
  });
});
