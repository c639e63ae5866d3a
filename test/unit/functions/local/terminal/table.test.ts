import { describe, expect, it } from "vitest";
import { renderTable } from "../../../../../functions/local/terminal/table.ts";
import { displayWidth, escapeControls, pad, truncate } from "../../../../../functions/local/terminal/text.ts";

const columns = [{ title: "Team" }, { title: "Cost", align: "right" as const }];

describe("renderTable", () => {
  it("aligns text left and numbers right", () => {
    const text = renderTable(
      columns,
      [
        ["ai-research", "12,345.60"],
        ["ops", "7.00"],
      ],
      { width: 80, color: false },
    );
    expect(text).toBe("Team              Cost\nai-research  12,345.60\nops               7.00\n");
  });

  it("shortens the widest text column first and keeps numbers whole", () => {
    const text = renderTable(columns, [["a-very-long-team-name", "12,345.60"]], { width: 20, color: false });
    expect(text.split("\n")[1]).toBe("a-very-l…  12,345.60");
  });

  it("counts East Asian characters as two columns", () => {
    const text = renderTable(
      columns,
      [
        ["研究开发", "1"],
        ["ops", "22"],
      ],
      { width: 80, color: false },
    );
    expect(text).toBe("Team      Cost\n研究开发     1\nops         22\n");
  });

  it("colours only when asked, and never the blanks", () => {
    const rows = [[{ text: "open", color: "red" as const }, "1"]];
    expect(renderTable(columns, rows, { width: 80, color: false })).not.toContain("\u001b");
    expect(renderTable(columns, rows, { width: 80, color: true })).toContain("\u001b[31mopen\u001b[0m  ");
  });

  it("does not let a cell move the cursor, break the line or turn the text around", () => {
    const text = renderTable(columns, [["\u001b[2Jx\r\n\u202eevil", "1"]], { width: 80, color: false });
    expect(text.split("\n")).toHaveLength(3);
    expect(text).toContain("\\x1b[2Jx\\r\\n\\u202eevil");
  });

  it("keeps the least width of its columns when the terminal is narrower still", () => {
    const narrow = [
      { title: "Team", minWidth: 3 },
      { title: "Service", maxWidth: 5 },
    ];
    expect(renderTable(narrow, [["platform", "Compute Engine"]], { width: 4, color: true })).toBe(
      "\u001b[1mTe…\u001b[0m  \u001b[1mServ…\u001b[0m\npl…  Comp…\n",
    );
  });

  it("leaves out columns, the least important first, before it cuts what must stay whole", () => {
    const budgets = [
      { title: "budget", whole: true as const },
      { title: "limit", align: "right" as const, leaveOut: 2 },
      { title: "used", align: "right" as const },
      { title: "bar", minWidth: 8, leaveOut: 1 },
    ];
    const rows = [["team/ai-research", "11,000.00", "120 %", "########"]];
    expect(renderTable(budgets, rows, { width: 44, color: false }).split("\n")[1]).toBe(
      "team/ai-research  11,000.00  120 %  ########",
    );
    expect(renderTable(budgets, rows, { width: 43, color: false })).toBe(
      "budget                limit   used\nteam/ai-research  11,000.00  120 %\n",
    );
    expect(renderTable(budgets, rows, { width: 10, color: false })).toBe(
      "budget             used\nteam/ai-research  120 %\n",
    );
  });

  it("fills missing cells with nothing", () => {
    expect(renderTable(columns, [["ops"]], { width: 80, color: false })).toBe("Team  Cost\nops\n");
  });
});

describe("escapeControls", () => {
  it("leaves ordinary and foreign text as it is", () => {
    expect(escapeControls("Zürich 東京 🚀 a'b\"c")).toBe("Zürich 東京 🚀 a'b\"c");
  });

  it.each([
    ["\u0007", "\\x07"],
    ["\u009b31m", "\\x9b31m"],
    ["\u2066", "\\u2066"],
    ["\u200b", "\\u200b"],
    ["\u{e0041}", "\\u{e0041}"],
    ["\u2028", "\\u2028"],
  ])("shows %j as text", (raw, shown) => {
    expect(escapeControls(raw)).toBe(shown);
  });
});

describe("terminal text", () => {
  it.each([
    ["abc", 3],
    ["東京", 4],
    ["🚀", 2],
    ["e\u0301", 1],
    ["👩‍💻", 2],
    ["…", 1],
  ])("measures %s", (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it("truncates between characters and marks it", () => {
    expect(truncate("東京都", 4)).toBe("東…");
    expect(truncate("abc", 3)).toBe("abc");
    expect(truncate("abc", 1)).toBe("…");
    expect(truncate("abc", 0)).toBe("");
  });

  it("pads by columns", () => {
    expect(pad("東", 4, "right")).toBe("  東");
    expect(pad("toolong", 3, "left")).toBe("toolong");
  });
});
