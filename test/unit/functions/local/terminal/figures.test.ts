import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shareBar, sparkline } from "../../../../../functions/local/terminal/bars.ts";
import { renderCsv } from "../../../../../functions/local/terminal/csv.ts";
import { parseDecimal } from "../../../../../shared/core/decimal.ts";
import { formatMoney } from "../../../../../shared/interfaces/console/money-text.ts";

describe("formatMoney", () => {
  it.each([
    ["12345.6", "12,345.60 USD"],
    ["-1234567.005", "-1,234,567.00 USD"],
    ["999.995", "1,000.00 USD"],
    ["0", "0.00 USD"],
    ["0.0042", "0.0042 USD"],
    ["-0.00000123", "-0.0000012 USD"],
    ["0.000000000000000001", "0.000000000000000001 USD"],
    ["0.0099999", "0.0100 USD"],
    ["0.01", "0.01 USD"],
  ])("shows %s as %s", (amount, shown) => {
    expect(formatMoney(parseDecimal(amount), "USD")).toBe(shown);
  });
});

describe("shareBar", () => {
  it.each([
    ["50", "100", "▇▇▇▇▇"],
    ["0.01", "100", "▇"],
    ["150", "100", "▇▇▇▇▇▇▇▇▇▇"],
    ["0", "100", ""],
    ["-5", "100", ""],
    ["5", "0", ""],
  ])("draws %s of %s", (part, whole, bar) => {
    expect(shareBar(parseDecimal(part), parseDecimal(whole), 10)).toBe(bar);
  });
});

describe("sparkline", () => {
  it("spans from zero to the largest value", () => {
    expect(sparkline(["0", "50", "100", "-3"].map(parseDecimal))).toBe("▁▅█▁");
  });

  it("is flat without anything above zero", () => {
    expect(sparkline(["0", "-1"].map(parseDecimal))).toBe("▁▁");
    expect(sparkline([])).toBe("");
  });
});

describe("renderCsv", () => {
  it("quotes by RFC 4180", () => {
    expect(
      renderCsv(
        ["a", "b"],
        [
          ['say "hi"', "x,y"],
          ["two\nlines", null],
        ],
      ),
    ).toBe('a,b\r\n"say ""hi""","x,y"\r\n"two\nlines",\r\n');
  });

  it("shows control characters instead of obeying them, but keeps tabs and line ends", () => {
    expect(renderCsv(["a"], [["\u001b[31mred\u0007\u009b1m\tx\r\ny"]])).toBe(
      'a\r\n"\\x1b[31mred\\x07\\x9b1m\tx\r\ny"\r\n',
    );
  });

  it.each(["=cmd()", "+1+2", "-1+cmd()", "@SUM(A1)", "\tx", "\rx", "-", "=1"])("disarms %j", (cell) => {
    const [row] = parse(renderCsv(["a"], [[cell]]), { from_line: 2 }) as string[][];
    expect(row?.[0]).toBe(`'${cell}`);
  });

  it.each(["-12.5", "+3", "-0.0000001", "-1e-7", "-.5"])("keeps the number %s", (cell) => {
    expect(renderCsv(["a"], [[cell]])).toBe(`a\r\n${cell}\r\n`);
  });

  it("comes back as it was through a CSV reader", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string().filter((text) => !/^[=+\-@\t\r]/.test(text)),
          { minLength: 2, maxLength: 2 },
        ),
        (cells) => {
          const read = parse(renderCsv(["a", "b"], [cells]), { record_delimiter: "\r\n", from_line: 1 }) as string[][];
          expect(read[1]).toEqual(cells);
        },
      ),
    );
  });
});
