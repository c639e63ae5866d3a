import { describe, expect, it } from "vitest";
import type { FindingItem } from "../../../../shared/interfaces/api/documents.ts";
import { anomalyChart } from "../../../../shared/interfaces/console/anomaly-chart.ts";
import { findingList } from "../../../../shared/interfaces/console/finding-list.ts";

function item(facts: Record<string, string>, kind = "anomaly"): FindingItem {
  return {
    key: "anomaly-1a2b3c4d5e6f",
    kind,
    level: "warning",
    state: "open",
    scope: { provider: ["aws"] },
    title: "Compute costs 4.1 ×",
    amount: "140",
    currency: "USD",
    openedAt: "2024-09-20T09:00:00.000Z",
    updatedAt: "2024-09-20T09:00:00.000Z",
    revision: 1,
    wantedActions: [],
    evidence: { rows: 1, contributors: [], settledShare: "1", waitsFor: "", facts },
  };
}

const facts = { since: "2024-09-03", day: "2024-09-04", history: "2024-09-01 30,,80,-20" };
const count = (text: string, part: string) => text.split(part).length - 1;

describe("anomalyChart", () => {
  it("draws a bar for every known day, the anomaly in its colour, and says so in words", () => {
    const svg = anomalyChart(item(facts));
    expect(count(svg, "<rect")).toBe(3);
    expect(count(svg, 'class="usual"')).toBe(1);
    expect(count(svg, 'class="unusual"')).toBe(2);
    expect(svg).toContain('aria-label="Cost by day, 1 Sep 2024 to 4 Sep 2024; unusual since 3 Sep"');
    expect(svg).not.toContain("NaN");
  });

  it("draws the usual range of the day that decided, where it is in the picture", () => {
    const range = { lower: "25", upper: "36" };
    expect(anomalyChart(item({ ...facts, ...range }))).toContain('class="range"');
    expect(anomalyChart(item({ ...facts, ...range, day: "2024-08-04" }))).not.toContain('class="range"');
  });

  it("stays in its frame when a series lives below zero", () => {
    const below = { ...facts, history: "2024-09-01 -30,-25,-20,-60", lower: "-90", upper: "-20" };
    const numbers = [...anomalyChart(item(below)).matchAll(/ y="([^"]*)" width="[0-9]+" height="([^"]*)"/g)];
    expect(numbers).toHaveLength(5);
    for (const [, y, height] of numbers) {
      expect(Number(y)).toBeGreaterThanOrEqual(0);
      expect(Number(y) + Number(height)).toBeLessThanOrEqual(44.01);
    }
  });

  it("is nothing without a history or a beginning", () => {
    expect(anomalyChart(item({ since: "2024-09-03" }))).toBe("");
    expect(anomalyChart(item({ history: facts.history }))).toBe("");
  });
});

describe("findingList", () => {
  it("shows an anomaly's chart and what it says, and the plain facts of others", () => {
    const list = findingList([item({ ...facts, actual: "80", cause: "<b>" })]);
    expect(list).toContain('<svg class="history"');
    expect(list).toContain('<span>Cost</span><bdi class="num">80.00 USD</bdi>');
    expect(list).toContain('<span>cause</span><bdi class="num">&lt;b&gt;</bdi>');
    expect(list).not.toContain("<span>history</span>");
    expect(findingList([item(facts, "budget")])).not.toContain("<svg");
  });
});

describe("what has no value", () => {
  it("is named among scope and contributors", () => {
    const one = item(facts);
    const contributors = [{ keys: { team: "", service: "Compute" }, amount: "5" }];
    const nobody = { ...one, scope: { team: [""] }, evidence: { ...one.evidence, contributors } };
    const page = findingList([nobody]);
    expect(page).toContain("<bdi>no team / Compute</bdi>");
    expect(page).toContain("team: none");
  });
});
