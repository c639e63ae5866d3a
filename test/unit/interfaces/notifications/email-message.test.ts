import { describe, expect, it } from "vitest";
import { parseDecimal } from "../../../../shared/core/decimal.ts";
import {
  emailMessage,
  emailMessageId,
  isEmailAddress,
} from "../../../../shared/interfaces/notifications/email-message.ts";
import { finding, unusual } from "./support.ts";

describe("emailMessage", () => {
  it("counts the contributors that it does not list, in text and in HTML", () => {
    const contributors = Array.from({ length: 7 }, (_, index) => ({
      keys: { account: String(index) },
      amount: parseDecimal("1"),
    }));
    const { text, html } = emailMessage(finding({ evidence: { ...finding().evidence, contributors } }));
    expect(text).toContain("  and 2 more");
    expect(html).toContain("<p>and 2 more</p>");
  });

  it("draws the history of an anomaly and says how to answer, in text and in HTML", () => {
    const { text, html } = emailMessage(unusual());
    expect(text).toContain("History: ▃▃▃[██] 2024-09-15 to 2024-09-19");
    expect(text).toContain("Was it expected? genops anomalies feedback 1a2b3c4d5e6f expected");
    expect(html).toContain("▃▃▃[██]");
    expect(html).toContain("<p><code>genops anomalies feedback 1a2b3c4d5e6f expected");
    expect(text).not.toContain("surprise");
  });

  it("leaves out what a finding does not have", () => {
    const evidence = { ...finding().evidence, contributors: [], waitsFor: "" };
    const { text, html } = emailMessage(finding({ wantedActions: [], evidence }));
    expect(text).not.toMatch(/Largest contributors|Wanted|Waits for/);
    expect(html).not.toMatch(/Largest contributors|Wanted|Waits for/);
  });

  it("keeps the subject on one short line", () => {
    expect(emailMessage(finding({ title: `a\r\nb${"c".repeat(300)}` })).subject).toMatch(/^\[GenOps\] a bc{137,139}…$/);
  });
});

describe("emailMessageId", () => {
  it("has the sender's domain, or one that cannot exist", () => {
    expect(emailMessageId("k", undefined, "GenOps <genops@example.com>")).toMatch(
      /^<genops\.[0-9a-f]{32}@example\.com>$/,
    );
    expect(emailMessageId("k", 3, "nobody")).toMatch(/^<genops\.[0-9a-f]{32}\.3@genops\.invalid>$/);
  });
});

describe("isEmailAddress", () => {
  it.each(["a@example.com", "first.last+tag@mail.example.com"])("accepts %s", (text) => {
    expect(isEmailAddress(text)).toBe(true);
  });

  it.each(["", "#ml", "a@b, c@d", "a@b\r\nBcc: c@d", "<a@b>", "a b@c", "a@", "@b", "a@-b", `${"a".repeat(251)}@b.c`])(
    "refuses %j",
    (text) => {
      expect(isEmailAddress(text)).toBe(false);
    },
  );
});
