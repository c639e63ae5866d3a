import { describe, expect, it } from "vitest";
import { eventsOf, queuedMessages } from "../../../../../shared/platforms/aws/functions/events.ts";
import { s3Created, snsNotification } from "../../../../support/functions/aws-events.ts";

const MANIFEST = "cur2/genops/metadata/BILLING_PERIOD=2026-11/genops-Manifest.json";
const CLOUD_EVENT = { specversion: "1.0", id: "1", type: "genops.collect.wanted" };

describe("S3 notifications", () => {
  it("of a manifest become genops.export.written, with the key as it really is", () => {
    const [event] = eventsOf(s3Created("bill", "my+reports/a%3Db/x-Manifest.json"), "collect");
    expect(event).toMatchObject({
      type: "genops.export.written",
      id: "bill/my reports/a=b/x-Manifest.json/0055AED6DCD90281E5",
      source: "aws:s3",
      time: "2026-11-22T06:00:00.000Z",
      data: { location: "s3://bill/my reports/a=b/x-Manifest.json" },
    });
  });

  it.each([
    ["a data file", s3Created("bill", "cur2/data/x-00001.snappy.parquet")],
    ["a removal", s3Created("bill", MANIFEST, "ObjectRemoved:Delete")],
    ["S3's question whether there is somebody", { Service: "Amazon S3", Event: "s3:TestEvent", Bucket: "bill" }],
  ])("of %s have no meaning", (_what, event) => {
    expect(eventsOf(event, "collect")).toEqual([]);
  });

  it("arrive through a topic as well", () => {
    const message = JSON.stringify(s3Created("bill", MANIFEST));
    expect(eventsOf(snsNotification({ Message: message }), "collect")).toMatchObject([
      { data: { location: `s3://bill/${MANIFEST}` } },
    ]);
  });
});

describe("EventBridge", () => {
  const envelope = {
    version: "0",
    id: "e-1",
    account: "111122223333",
    time: "2026-11-22T06:00:00Z",
    region: "us-east-1",
    resources: [],
  };
  const created = (key: string) => ({
    ...envelope,
    source: "aws.s3",
    "detail-type": "Object Created",
    detail: { version: "0", bucket: { name: "bill" }, object: { key, size: 1, etag: "e", sequencer: "1" } },
  });

  it("tells of manifests, with keys that are not encoded", () => {
    expect(eventsOf(created("a+b/x-Manifest.json"), "collect")).toMatchObject([
      {
        id: "e-1",
        source: "aws.s3",
        type: "genops.export.written",
        data: { location: "s3://bill/a+b/x-Manifest.json" },
      },
    ]);
    expect(eventsOf(created("a/x-00001.parquet"), "collect")).toEqual([]);
    expect(eventsOf({ ...created(MANIFEST), "detail-type": "Object Deleted" }, "collect")).toEqual([]);
  });

  it("tells that a schedule is due: at the moment it was due, for the function's own work", () => {
    const event = { ...envelope, source: "aws.events", "detail-type": "Scheduled Event", detail: {} };
    expect(eventsOf(event, "evaluate")).toMatchObject([
      { id: "e-1", time: "2026-11-22T06:00:00Z", type: "genops.schedule.due", data: { task: "evaluate" } },
    ]);
  });

  it("brings cost anomalies to alerts", () => {
    const detail = { anomalyId: "a", impact: { maxImpact: 410 } };
    const event = { ...envelope, source: "aws.ce", "detail-type": "Anomaly Detected", detail };
    expect(eventsOf(event, "alerts")).toMatchObject([
      {
        type: "genops.alert.received",
        data: { from: "aws-eventbridge", deliveryId: "e-1", sentAt: envelope.time, message: detail },
      },
    ]);
  });

  it("hands on what it does not know, to be refused", () => {
    const foreign = { ...envelope, source: "aws.ec2", "detail-type": "Instance", detail: {} };
    const broken = { ...envelope, source: "aws.s3", "detail-type": "Object Created", detail: { bucket: {} } };
    expect(eventsOf(foreign, "collect")).toEqual([foreign]);
    expect(eventsOf(broken, "collect")).toEqual([broken]);
  });
});

describe("SNS", () => {
  it("brings a budget's text to alerts, letter by letter", () => {
    const Message = "AWS Budget Notification November 22, 2026\nAWS Account 111122223333\n";
    expect(eventsOf(snsNotification({ Message, Subject: "AWS Budgets: ml" }), "alerts")).toMatchObject([
      {
        id: "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
        type: "genops.alert.received",
        data: {
          from: "aws-sns",
          attributes: { topic: "arn:aws:sns:us-east-1:111122223333:budgets", subject: "AWS Budgets: ml" },
          message: Message,
        },
      },
    ]);
  });

  it("brings JSON as text, because parsing would round its amounts", () => {
    const [event] = eventsOf(snsNotification({ Message: '{"impact":{"maxImpact":0.1000}}' }), "alerts");
    expect(event).toMatchObject({ data: { message: '{"impact":{"maxImpact":0.1000}}' } });
  });
});

describe("everything else", () => {
  it("is handed on: a CloudEvent, a call by hand, nonsense", () => {
    for (const event of [CLOUD_EVENT, { hello: 1 }, "text", null, { Records: [{ eventSource: "aws:kinesis" }] }]) {
      const expected = (event as { Records?: unknown[] } | null)?.Records ?? [event];
      expect(eventsOf(event, "collect")).toEqual(expected);
    }
  });

  it("is a batch only if all of it comes from SQS", () => {
    const record = { eventSource: "aws:sqs", messageId: "m", body: "{}" };
    expect(queuedMessages({ Records: [record] })).toEqual([record]);
    expect(queuedMessages({ Records: [record, { eventSource: "aws:s3" }] })).toBeUndefined();
    expect(queuedMessages({ Records: [] })).toBeUndefined();
  });
});
