import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { HOME_PAGE_POLICY, renderHomePage } from "../../../../shared/interfaces/console/home-page.ts";
import type { HomeModel } from "../../../../shared/interfaces/console/model.ts";
import { HOSTILE, homeModel } from "../../../browser/fixtures/home-model.ts";

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

function pageWith(change: Partial<HomeModel>): string {
  return renderHomePage({ ...homeModel(), ...change });
}

describe("the first page", () => {
  const page = renderHomePage(homeModel());

  it("says how current and how settled its numbers are", () => {
    expect(page).toContain("30 Sep 2024, 11:58 UTC");
    expect(page).toContain("settled before 29 Sep (AWS), 28 Sep (Azure), 29 Sep (Google Cloud)");
    expect(page).toContain("Northwind Robotics is fictional");
  });

  it("draws one chart per currency and never mixes two", () => {
    expect(count(page, /<figure class="chart">/g)).toBe(2);
    expect(count(page, /<g class="day">/g)).toBe(240);
    const [usd = "", eur = ""] = page
      .split('<figure class="chart">')
      .slice(1)
      .map((part) => part.split("</figure>")[0] ?? "");
    expect([usd.includes(" USD"), usd.includes("EUR")]).toEqual([true, false]);
    expect([eur.includes(" EUR"), eur.includes("USD")]).toEqual([true, false]);
  });

  it("tells each day's amounts in a tooltip and in a table", () => {
    expect(page).toMatch(
      /<title>24 Sep 2024 — Total: [\d,.]+ USD — AWS: [\d,.]+ USD — Azure: [\d,.]+ USD — Google Cloud: [\d,.]+ USD<\/title>/,
    );
    expect(page).toMatch(/<tr><th scope="row">2024-09-24<\/th><td class="num">[\d,.]+<\/td>/);
  });

  it("marks what is not settled", () => {
    expect(count(page, /class="p-\w+ open"/g)).toBe(2 + 3 + 2 + 3);
    expect(page).toMatch(/30 Sep 2024 — .*\(not settled\)/);
    expect(page).toMatch(/<td class="num">[\d,.]+ \*<\/td>/);
  });

  it("cuts days that tower over the others and writes their amount", () => {
    expect(count(page, /class="cut"/g)).toBe(3);
    expect(page).toMatch(/>\d,\d{3} ↑<\/text>/);
  });

  it("writes the amount of the taller one where two cut days stand too close for both", () => {
    const costs = Array.from({ length: 30 }, (_, index) => ({
      date: `2024-09-${String(index + 1).padStart(2, "0")}`,
      provider: "aws",
      currency: "USD",
      amount: ({ 3: "900", 4: "1000", 20: "800" } as Record<number, string>)[index] ?? "10",
      settled: true,
    }));
    const close = pageWith({ period: { start: "2024-06-03", end: "2024-10-01" }, costs });
    expect(count(close, /class="cut"/g)).toBe(3);
    expect([...close.matchAll(/>([\d,]+) ↑<\/text>/g)].map(([, amount]) => amount)).toEqual(["1,000", "800"]);
  });

  it("shows budgets with thresholds, forecast and a status in words, the fullest first", () => {
    const names = [...page.matchAll(/<div class="line"><h3><bdi>([^<]+)<\/bdi>/g)].map(([, name]) => name);
    expect(names.slice(0, 3)).toEqual(["team/ai-research", "gcp", "global"]);
    expect(page).toContain("over the limit");
    expect(page).toContain("80 % reached");
    expect(page).toContain("within the limit");
    expect(page).toContain("80 % of the limit (actual): notify, fired 2024-09-28T06:00:00Z");
    expect(page).toContain("95 % of the limit (actual): throttle, not reached");
    expect(page).toContain("114.1 %");
    expect(page).toContain("<b>0.0042</b> of 8,500.00 USD");
  });

  it("lists findings with the critical ones first and folds resolved ones away", () => {
    const order = [
      "ai-research is over",
      "Google Cloud costs",
      "The global budget",
      "spends more",
      "1 resolved",
      "restated below",
    ];
    const places = order.map((text) => page.indexOf(text));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(page).toContain("2 critical, 1 warning open");
    expect(page).toContain(
      "Wants to <b>throttle</b> <bdi>team: ai-research, waits for two days of Azure that are not settled</bdi>",
    );
  });

  it("sums totals per provider and currency", () => {
    const small = pageWith({
      period: { start: "2024-08-31", end: "2024-09-02" },
      costs: [
        { date: "2024-08-31", provider: "aws", currency: "USD", amount: "0.1", settled: true },
        { date: "2024-09-01", provider: "aws", currency: "USD", amount: "0.2", settled: true },
        { date: "2024-09-01", provider: "gcp", currency: "USD", amount: "1.7", settled: true },
        { date: "2024-09-02", provider: "gcp", currency: "USD", amount: "99", settled: true },
      ],
    });
    expect(small).toContain('<td class="num">0.30</td><td class="num">0.20</td><td class="num">0.30</td>');
    expect(small).toContain(
      '<tfoot><tr><th scope="row">Total</th><td class="num">2.00</td><td class="num">1.90</td><td class="num">2.00</td>',
    );
    expect(small).toContain("15 %");
  });

  it("keeps untrusted text inert", () => {
    expect(page).not.toContain("<img");
    expect(page).not.toContain("\u202e");
    expect(page).toContain("&lt;img src=x onerror=&quot;document.title=&#39;owned&#39;&quot;&gt;");
    expect(HOSTILE).toContain("<img");
  });

  it("keeps every text of the model inert, wherever it stands", () => {
    const poison = (value: unknown): unknown => {
      if (typeof value === "string") return /^[-\d.]/.test(value) ? value : `${value}<b onclick=x>"'`;
      if (Array.isArray(value)) return value.map(poison);
      if (value === null || typeof value !== "object") return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [
          /^[a-z]+$/i.test(key) ? key : `${key}<b onclick=x>`,
          poison(inner),
        ]),
      );
    };
    const model = homeModel();
    const poisoned = {
      ...model,
      notice: poison(model.notice) as string,
      generatedAt: "<b onclick=x>",
      asOf: '"><b onclick=x>',
      budgets: model.budgets.map((each) => ({ ...(poison(each) as typeof each), alerts: each.alerts })),
      findings: model.findings.map((each) => ({ ...(poison(each) as typeof each), state: each.state })),
    };
    expect(renderHomePage(poisoned)).not.toContain("<b onclick");
  });

  it("needs no script, no inline style attribute and nothing from elsewhere", () => {
    expect(page).not.toMatch(/<script|\sstyle="|https?:\/\/(?!www\.w3\.org)/);
    const style = /<style>([\s\S]*)<\/style>/.exec(page)?.[1] ?? "";
    expect(HOME_PAGE_POLICY).toContain(`'sha256-${createHash("sha256").update(style).digest("base64")}'`);
  });

  it("is the same for the same model", () => {
    expect(renderHomePage(homeModel())).toBe(page);
  });

  it("says so when there is nothing yet", () => {
    const empty = pageWith({ costs: [], budgets: [], findings: [], settledUntil: {} });
    expect(empty).toContain("No costs have been collected yet.");
    expect(empty).toContain("No budgets are configured.");
    expect(empty).toContain("Nothing was found.");
    expect(empty).toContain("Nothing needs attention");
    expect(empty).not.toContain("<figure");
  });

  it("copes with resolved findings only, days without cost, and no forecast", () => {
    const model = homeModel();
    const [first] = model.budgets;
    const page2 = pageWith({
      costs: [{ date: "2024-07-01", provider: "aws", currency: "USD", amount: "0", settled: true }],
      budgets: first === undefined ? [] : [{ ...first, forecast: null, actual: "0", alerts: [] }],
      findings: model.findings.filter((each) => each.state === "resolved"),
      settledUntil: {},
    });
    expect(page2).toContain("Nothing is open.");
    expect(page2).not.toContain("forecast ");
    expect(page2).not.toContain("NaN");
  });

  it("names our own budget that a cloud's alert is about", () => {
    const [first] = homeModel().findings;
    const related = { budget: "team/<b>", finding: "budget-ml-80" };
    const linked =
      first === undefined
        ? []
        : [
            { ...first, related },
            { ...first, related: { budget: "aws" } },
          ];
    const page = pageWith({ findings: linked });
    expect(page).toContain("Our budget <bdi>team/&lt;b&gt;, finding budget-ml-80</bdi>");
    expect(page).toContain("Our budget <bdi>aws</bdi>");
  });

  it("shows until when a finding is snoozed", () => {
    const [first] = homeModel().findings;
    const snoozed =
      first === undefined ? [] : [{ ...first, state: "snoozed" as const, snoozedUntil: "2024-10-02T00:00:00Z" }];
    expect(pageWith({ findings: snoozed })).toContain("snoozed until 2 Oct 2024, 00:00 UTC");
  });
});
