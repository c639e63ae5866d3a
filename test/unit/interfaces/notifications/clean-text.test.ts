import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanText, cutText, encodeWithin } from "../../../../shared/interfaces/notifications/clean-text.ts";
import { anyText } from "./support.ts";

describe("cleanText", () => {
  it("puts everything on one line", () => {
    expect(cleanText("a\r\nBcc: x\u2028y\tz")).toBe("a Bcc: x y z");
  });

  it("removes terminal escapes, bidirectional overrides and invisible characters", () => {
    expect(cleanText("\u001b[31mred\u202egnp.exe\u200b\u{e0041}")).toBe("[31mredgnp.exe");
  });

  it("keeps other scripts, joiners and emoji", () => {
    expect(cleanText("équipe 研究 👩‍💻")).toBe("équipe 研究 👩‍💻");
  });

  it("replaces lone surrogates", () => {
    expect(cleanText("a\ud800b")).toBe("a\ufffdb");
  });
});

describe("cutText", () => {
  it("leaves what fits", () => {
    expect(cutText("abc", 3)).toBe("abc");
  });

  it("ends what it cuts with an ellipsis", () => {
    expect(cutText("abcd", 3)).toBe("ab…");
  });

  it("never cuts a character in half", () => {
    expect(cutText("a😀b", 3)).toBe("a…");
  });
});

describe("encodeWithin", () => {
  it("never cuts an encoded character in half and never exceeds the limit", () => {
    const encode = (character: string): string => (character === "&" ? "&amp;" : character);
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 50 }), (text, limit) => {
        const result = encodeWithin(text, limit, encode);
        expect(result.length).toBeLessThanOrEqual(limit);
        expect(result.replaceAll("&amp;", "")).not.toContain("&");
      }),
    );
  });
});
