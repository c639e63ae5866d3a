import { describe, expect, it } from "vitest";
import { isInWindow } from "../../../../../shared/clusters/enforcement/plan/windows.ts";

const office = { days: ["mon", "fri"], from: "09:00", to: "17:00", zone: "Europe/Berlin" } as const;
const night = { days: ["sat"], from: "22:00", to: "04:00", zone: "UTC" } as const;

describe("maintenance windows", () => {
  it.each([
    ["2026-11-23T08:00:00Z", true],
    ["2026-11-23T07:59:00Z", false],
    ["2026-11-23T15:59:00Z", true],
    ["2026-11-23T16:00:00Z", false],
    ["2026-11-24T10:00:00Z", false],
    ["2026-07-13T07:00:00Z", true],
  ])("%s is in the office hours of Berlin: %s", (now, expected) => {
    expect(isInWindow([office], new Date(now))).toBe(expected);
  });

  it.each([
    ["2026-11-21T22:00:00Z", true],
    ["2026-11-22T03:59:00Z", true],
    ["2026-11-22T04:00:00Z", false],
    ["2026-11-22T22:30:00Z", false],
    ["2026-11-21T21:59:00Z", false],
  ])("%s is in the night of Saturday: %s", (now, expected) => {
    expect(isInWindow([night], new Date(now))).toBe(expected);
  });

  it("are open without any, and when one of several is", () => {
    expect(isInWindow([], new Date("2026-11-22T12:00:00Z"))).toBe(true);
    expect(isInWindow([office, night], new Date("2026-11-22T00:00:00Z"))).toBe(true);
    const always = { days: ["sun"], from: "00:00", to: "00:00", zone: "UTC" } as const;
    expect(isInWindow([always], new Date("2026-11-22T12:00:00Z"))).toBe(true);
  });
});
