import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type SlackBlock,
  slackMessage,
  slackReply,
  slackText,
} from "../../../../shared/interfaces/notifications/slack-message.ts";
import { anyFinding, anyText, finding, resolved, unusual } from "./support.ts";

function textsOf(blocks: readonly SlackBlock[]): { type: string; text: string }[] {
  return blocks.flatMap((block) => {
    if (block.type === "context") return block.elements;
    const fields = "fields" in block ? (block.fields ?? []) : [];
    return "text" in block ? [block.text, ...fields] : fields;
  });
}

function expectWithinLimits(blocks: readonly SlackBlock[]): void {
  expect(blocks.length).toBeLessThanOrEqual(50);
  expect(JSON.stringify(blocks).length).toBeLessThan(12_000);
  for (const block of blocks) {
    if (block.type === "header") expect(block.text.text.length).toBeLessThanOrEqual(150);
    if (block.type === "context") expect(block.elements.length).toBeLessThanOrEqual(10);
    if ("fields" in block) {
      expect(block.fields?.length).toBeLessThanOrEqual(10);
      for (const field of block.fields ?? []) expect(field.text.length).toBeLessThanOrEqual(2_000);
    }
  }
  for (const { text } of textsOf(blocks)) {
    expect(text.length).toBeGreaterThan(0);
    expect(text.length).toBeLessThanOrEqual(3_000);
  }
}

const OURS = [
  "*Amount*",
  "*Period*",
  "*Scope*",
  "*Level*",
  "*By*",
  "*Why*",
  "*Until*",
  "*Largest contributors*",
  "*Wanted*",
  "*Waits for*",
  "*Cost*",
  "*Expected*",
  "*Usual*",
  "*Since*",
  "*History*",
  "*Seen by*",
  "*Feedback*",
  "*Was it expected?*",
];

function expectInert(text: string): void {
  expect(text).not.toMatch(/[<>]/);
  expect(text.replace(/&(amp|lt|gt);/g, "")).not.toContain("&");
  expect(text).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
  expect(text.isWellFormed()).toBe(true);
}

describe("slackMessage", () => {
  it("shows a finding as header, fields, contributors, wishes and context", () => {
    const { text, blocks } = slackMessage(finding());
    expect(text).toBe("🟠 Warning: Budget team/ai-research is at 83 % of its limit (12,450.50 USD, 2026-11)");
    expect(blocks.map(({ type }) => type)).toEqual([
      ...["header", "section", "section", "section", "section"],
      ...["section", "section", "section", "section", "context"],
    ]);
    expect(blocks[0]).toEqual({
      type: "header",
      text: { type: "plain_text", text: "🟠 Warning: Budget team/ai-research is at 83 % of its limit", emoji: false },
    });
    expect(textsOf(blocks).map((one) => one.text)).toContain("throttle team ai-research");
  });

  it("draws the history of an anomaly in plain text and says how to answer", () => {
    const texts = textsOf(slackMessage(unusual()).blocks).map((one) => one.text);
    expect(texts).toContain("▃▃▃[██] 2024-09-15 to 2024-09-19");
    expect(texts).toContain("account 111");
    expect(texts[texts.indexOf("*Was it expected?*") + 1]).toBe(
      "genops anomalies feedback 1a2b3c4d5e6f expected | planned --to LAST-DAY | wrong",
    );
  });

  it("lets a tag value ping nobody", () => {
    const { text, blocks } = slackMessage(
      finding({ title: "cost of <!channel> & *all*", scope: { team: ["<!here|x>"] } }),
    );
    expect(text).toContain("cost of &lt;!channel&gt; &amp; *all*");
    expect(JSON.stringify(blocks)).not.toContain("<");
  });

  it("shows a title that the header cannot hold in full below it", () => {
    const { blocks } = slackMessage(finding({ title: "x".repeat(400) }));
    expect(blocks[0]?.type === "header" && blocks[0].text.text.endsWith("x…")).toBe(true);
    expect(blocks[1]).toEqual({ type: "section", text: { type: "plain_text", text: "x".repeat(400), emoji: false } });
  });

  it("keeps Slack's limits and stays inert whatever a finding holds", () => {
    fc.assert(
      fc.property(anyFinding, (any) => {
        const { text, blocks } = slackMessage(any);
        expectWithinLimits(blocks);
        expect(text.length).toBeLessThanOrEqual(1_000);
        expectInert(text);
        for (const one of textsOf(blocks)) {
          expectInert(one.text);
          if (one.type === "mrkdwn") expect(OURS).toContain(one.text);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("keeps the limits when every text is as long and as hard to encode as possible", () => {
    const worst = '"'.repeat(20_000);
    const facts = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${index}${worst}`, worst]));
    const targets = Array.from({ length: 9 }, () => ({ [worst]: [worst, worst] }));
    const contributors = Array.from({ length: 9 }, () => ({ keys: { [worst]: worst }, amount: finding().amount }));
    const { blocks } = slackMessage(
      resolved({
        title: worst,
        key: worst,
        currency: worst,
        actor: worst,
        resolution: worst,
        scope: { [worst]: [worst] },
        recipients: [worst, worst],
        wantedActions: Array.from({ length: 9 }, () => ({ action: "throttle", targets })),
        evidence: { rows: 1, contributors, facts, settledShare: worst, waitsFor: worst },
      }),
    );
    expectWithinLimits(blocks);
  });
});

describe("slackText", () => {
  it("is never empty and never longer than asked", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 10, max: 200 }), (text, limit) => {
        const result = slackText(text, limit);
        expect(result.length).toBeGreaterThan(0);
        expect(result.length).toBeLessThanOrEqual(limit);
        expectInert(result);
      }),
    );
  });
});

describe("slackReply", () => {
  it("tells in one line what changed, inert", () => {
    expect(slackReply(resolved({ resolution: "<!channel>" }), "resolved")).toBe(
      "✅ Resolved: &lt;!channel&gt; (12,450.50 USD, 2026-11)",
    );
    expect(slackReply(finding({ level: "critical" }), "raised")).toBe("🔴 Now critical: 12,450.50 USD, 2026-11");
    expect(slackReply(finding(), "reopened")).toBe("🟠 Open again: 12,450.50 USD, 2026-11");
  });
});
