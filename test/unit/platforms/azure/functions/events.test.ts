import { describe, expect, it } from "vitest";
import { eventsOf } from "../../../../../shared/platforms/azure/functions/events.ts";
import { blobCreated } from "../../../../support/functions/azure-events.ts";

const MANIFEST = "focus/genops/20261101-20261130/202611220600/5e8d/manifest.json";

describe("Event Grid", () => {
  it("tells of manifests, in its own schema", () => {
    expect(eventsOf(blobCreated("acmebills", "exports", MANIFEST))).toMatchObject([
      {
        type: "genops.export.written",
        id: "831e1650-001e-001b-66ab-eeb76e069631",
        time: "2026-11-22T06:00:00.000Z",
        data: { location: `azblob://acmebills/exports/${MANIFEST}` },
      },
    ]);
  });

  it("tells of manifests as CloudEvents", () => {
    const { id, topic, subject, eventType, eventTime, data } = blobCreated("acmebills", "exports", MANIFEST);
    const event = { specversion: "1.0", id, source: topic, subject, type: eventType, time: eventTime, data };
    expect(eventsOf(event)).toMatchObject([
      { id, source: topic, data: { location: `azblob://acmebills/exports/${MANIFEST}` } },
    ]);
  });

  it("tells of data files in vain", () => {
    expect(eventsOf(blobCreated("acmebills", "exports", "focus/part_0_0001.csv.gz"))).toEqual([]);
  });

  it.each([
    ["another type", { ...blobCreated("a", "b", MANIFEST), eventType: "Microsoft.Storage.BlobDeleted" }],
    ["no account", { ...blobCreated("a", "b", MANIFEST), data: { url: "ftp://a" } }],
    ["another subject", { ...blobCreated("a", "b", MANIFEST), subject: "/something" }],
    ["no id", { ...blobCreated("a", "b", MANIFEST), id: undefined }],
    ["no data", { ...blobCreated("a", "b", MANIFEST), data: undefined }],
    ["text", "text"],
  ])("hands on %s, to be refused", (_what, event) => {
    expect(eventsOf(event)).toEqual([event]);
  });
});
