import { describe, expect, it } from "vitest";
import {
  alertEvent,
  alertFromActionGroup,
  alertFromEventBridge,
  alertFromPubSub,
  alertFromPubSubPush,
  alertFromSnsRecord,
} from "../../../../shared/governance/inbound-alerts/envelopes.ts";
import { jsonFixture, SENT_AT, snsAlert } from "./alerts.ts";

const PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished";

describe("what platforms hand over", () => {
  it("becomes an alert with the message as it came", () => {
    const Sns = {
      Type: "Notification",
      MessageId: "m",
      TopicArn: "t",
      Subject: "s",
      Message: "text",
      Timestamp: SENT_AT,
    };
    expect(alertFromSnsRecord({ EventSource: "aws:sns", Sns })).toEqual({
      from: "aws-sns",
      deliveryId: "m",
      sentAt: SENT_AT,
      attributes: { type: "Notification", topic: "t", subject: "s" },
      message: "text",
    });
    expect(alertFromSnsRecord({ Sns: { Message: "", Subject: null } })).toEqual({
      from: "aws-sns",
      attributes: {},
      message: "",
    });
    const event = jsonFixture("aws-anomaly-eventbridge.json");
    expect(alertFromEventBridge(event)).toEqual({
      from: "aws-eventbridge",
      deliveryId: event["id"],
      sentAt: "2026-11-22T06:00:00Z",
      attributes: {
        source: "aws.ce",
        detailType: "Anomaly Detected",
        account: "111122223333",
        region: "us-east-1",
        resources: "arn:aws:ce::111122223333:anomalymonitor/0f1e",
      },
      message: event["detail"],
    });
  });

  it("keeps the attributes that a publisher chose apart from those of the transport", () => {
    const attributes = { budgetId: "b", subscription: "mine", topic: "mine", number: 1 };
    const data = {
      message: { data: "aGk=", attributes, messageId: "7", publishTime: SENT_AT },
      subscription: "projects/p/subscriptions/s",
    };
    expect(alertFromPubSub({ type: PUBLISHED, source: "//pubsub.googleapis.com/projects/p/topics/t", data })).toEqual({
      from: "gcp-budget",
      deliveryId: "7",
      sentAt: SENT_AT,
      attributes: { budgetId: "b", subscription: "projects/p/subscriptions/s", topic: "projects/p/topics/t" },
      message: "hi",
    });
    expect(alertFromPubSubPush({ message: { attributes } })).toEqual({
      from: "gcp-budget",
      attributes: { budgetId: "b" },
      message: "",
    });
    expect(alertFromPubSub({ type: PUBLISHED, source: "elsewhere", data: { message: {} } }).attributes).toEqual({});
  });

  it.each([undefined, null, 7, "text", [], {}, { type: "other", data: {} }, { Sns: {} }, { id: 1, source: 2 }])(
    "is kept whole when it has another shape (%#)",
    (thing) => {
      expect([
        alertFromSnsRecord(thing),
        alertFromEventBridge(thing),
        alertFromPubSub(thing),
        alertFromPubSubPush(thing),
      ]).toEqual(
        ["aws-sns", "aws-eventbridge", "gcp-budget", "gcp-budget"].map((from) => ({
          from,
          attributes: {},
          message: thing,
        })),
      );
    },
  );

  it("is bounded", () => {
    const attributes = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`a${index}`, "x".repeat(5_000)]));
    const { attributes: kept } = alertFromPubSubPush({ message: { attributes } });
    expect(Object.keys(kept)).toHaveLength(20);
    expect(kept["a0"]).toHaveLength(500);
  });
});

describe("alertFromActionGroup", () => {
  it.each([
    ["not JSON", undefined],
    ["{}", undefined],
    ['{"data":{"essentials":{"alertId":"a"}}}', "a"],
    ['{"data":{"essentials":{"alertId":"a","firedDateTime":"2026-11-22T06:00:00Z"}}}', "a 2026-11-22T06:00:00Z"],
  ])("identifies %s as %s", (body, deliveryId) => {
    expect(alertFromActionGroup(body)).toMatchObject({
      message: body,
      ...(deliveryId === undefined ? {} : { deliveryId }),
    });
    expect("deliveryId" in alertFromActionGroup(body)).toBe(deliveryId !== undefined);
  });
});

describe("alertEvent", () => {
  it("has the sender's id, or one that equal messages share", () => {
    const { deliveryId: _, ...nameless } = snsAlert("x");
    const at = new Date(SENT_AT);
    expect(alertEvent(snsAlert("x"), at).id).toBe("aws-sns/m1");
    expect(alertEvent(nameless, at).id).toBe(alertEvent({ ...nameless }, new Date(0)).id);
    expect(alertEvent(nameless, at).id).not.toBe(alertEvent({ ...nameless, message: "y" }, at).id);
  });
});
