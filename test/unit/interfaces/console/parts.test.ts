import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDecimal, fromScaled, parseDecimal } from "../../../../shared/core/decimal.ts";
import { providerClass, seriesByCurrency } from "../../../../shared/interfaces/console/daily-series.ts";
import { escapeHtml, html, t } from "../../../../shared/interfaces/console/html.ts";
import { niceScale, ratio } from "../../../../shared/interfaces/console/scale.ts";
import { instantText, scopeText } from "../../../../shared/interfaces/console/words.ts";

describe("html", () => {
  it("escapes text in content and attributes", () => {
    const value = `"><script>&'`;
    expect(html`<p title="${t(value)}">${t(value)}</p>`).toBe(
      '<p title="&quot;&gt;&lt;script&gt;&amp;&#39;">&quot;&gt;&lt;script&gt;&amp;&#39;</p>',
    );
  });

  it("nests markup, joins lists, leaves out what is undefined and rounds numbers", () => {
    expect(html`${[html`<i></i>`, html`<b></b>`]}${undefined}${1.23456}`).toBe("<i></i><b></b>1.23");
  });

  it("never lets markup or invisible characters through", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'\p{Cc}\u202a-\u202e]/u);
      }),
    );
  });
});

describe("niceScale", () => {
  it.each([
    ["0", "1550", "0 500 1000 1500 2000"],
    ["-4.2", "8.3", "-5 0 5 10"],
    ["0", "0.0042", "0 0.001 0.002 0.003 0.004 0.005"],
    ["-3", "-1", "-3 -2 -1 0"],
    ["0", "0", "0"],
  ])("puts ticks between %s and %s", (low, high, ticks) => {
    expect(niceScale(parseDecimal(low), parseDecimal(high), 5).ticks.map(formatDecimal).join(" ")).toBe(ticks);
  });

  it("always spans zero and every value with few ticks", () => {
    const amount = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(fromScaled);
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const scale = niceScale(low, high, 5);
        expect(scale.low <= low && scale.low <= 0n && scale.high >= high && scale.high >= 0n).toBe(true);
        expect(scale.ticks.length).toBeLessThanOrEqual(8);
      }),
    );
  });
});

describe("ratio", () => {
  it("is a share for drawing, and zero of nothing", () => {
    expect(ratio(1n, 4n)).toBe(0.25);
    expect(ratio(5n, 0n)).toBe(0);
  });
});

describe("seriesByCurrency", () => {
  const cost = (provider: string, currency: string, amount: string, settled = true) => ({
    date: "2024-09-01",
    provider,
    currency,
    amount,
    settled,
  });
  const period = { start: "2024-09-01", end: "2024-09-03" };

  it("keeps currencies apart and adds up entries of one day and provider", () => {
    const [usd, eur] = seriesByCurrency({
      period,
      costs: [cost("aws", "USD", "0.1"), cost("aws", "USD", "0.2", false), cost("aws", "EUR", "7")],
    });
    expect(usd?.days.map(({ date }) => date)).toEqual(["2024-09-01", "2024-09-02"]);
    expect(usd?.days[0]?.parts.get("aws")).toEqual({ amount: parseDecimal("0.3"), settled: false });
    expect(eur?.days[0]?.parts.get("aws")).toEqual({ amount: parseDecimal("7"), settled: true });
  });

  it("orders and colours known providers first, whatever the others are called", () => {
    const [series] = seriesByCurrency({
      period,
      costs: ["zeta", "gcp", "__proto__", "aws"].map((name) => cost(name, "USD", "1")),
    });
    expect(series?.providers).toEqual(["aws", "gcp", "__proto__", "zeta"]);
    expect(series?.providers.map((name) => providerClass(series, name))).toEqual([
      "p-aws",
      "p-gcp",
      "p-other-0",
      "p-other-1",
    ]);
  });
});

describe("words", () => {
  it("writes instants and scopes for people", () => {
    expect(instantText("2024-09-30T14:00:00+02:00")).toBe("30 Sep 2024, 12:00 UTC");
    expect(instantText("soon")).toBe("soon");
    expect(scopeText({ cost_center: ["CC-1", "CC-2"], team: ["ops"] })).toBe("cost center: CC-1, CC-2 · team: ops");
    expect(scopeText({})).toBe("all costs");
  });
});
