import { describe, expect, it } from "vitest";
import {
  defaultTask,
  exportWritten,
  isManifest,
  jsonOrText,
  scheduleDue,
} from "../../../shared/core/platform-events.ts";

const ORIGIN = { id: "1", source: "test", time: "2026-11-22T06:00:00Z" };

describe("a platform's event as a CloudEvent", () => {
  it("keeps the platform's id and time, so that a second delivery is the same event", () => {
    expect(scheduleDue(ORIGIN, "collect")).toEqual({
      specversion: "1.0",
      ...ORIGIN,
      type: "genops.schedule.due",
      datacontenttype: "application/json",
      data: { task: "collect" },
    });
    expect(exportWritten(ORIGIN, "s3://bill/m/manifest.json").data).toEqual({ location: "s3://bill/m/manifest.json" });
  });

  it("takes a schedule without a name for the function's own work", () => {
    expect([defaultTask("collect"), defaultTask("evaluate")]).toEqual(["collect", "evaluate"]);
  });
});

describe("an export's manifest", () => {
  it.each(["cur/x-Manifest.json", "x-Manifest.json", "focus/2026/manifest.json", "manifest.json"])("is %s", (key) => {
    expect(isManifest(key)).toBe(true);
  });

  it.each([
    "cur/x-00001.parquet",
    "manifest.json.gz",
    "notamanifest.json",
    "Manifest.json/part",
    "a/cur-RedshiftManifest.json",
  ])("is not %s", (key) => {
    expect(isManifest(key)).toBe(false);
  });
});

it("reads JSON where there is some", () => {
  expect([jsonOrText('{"a":1}'), jsonOrText("AWS Budget Notification")]).toEqual([{ a: 1 }, "AWS Budget Notification"]);
});
