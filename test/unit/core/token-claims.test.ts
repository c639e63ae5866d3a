import { describe, expect, it } from "vitest";
import { describeClaims, readClaims } from "../../../shared/core/token-claims.ts";

function token(payload: unknown): string {
  return `e30.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.signature`;
}

describe("the claims of a token", () => {
  it("say who, by whom, for whom and until when", () => {
    const claims = readClaims(
      token({ iss: "https://i.example", sub: "sübject", aud: "a", exp: 1_795_327_200, more: 1 }),
    );
    expect(claims).toEqual({
      issuer: "https://i.example",
      subject: "sübject",
      audience: "a",
      expiresAt: new Date("2026-11-22T06:00:00Z"),
    });
    expect(describeClaims(claims)).toBe(
      'issuer "https://i.example", subject "sübject", audience "a", valid until 2026-11-22T06:00:00.000Z',
    );
  });

  it("may name several audiences", () => {
    expect(readClaims(token({ aud: ["a", "b"] }))).toEqual({ audience: "a b" });
  });

  it.each(["", "opaque", "a.b.c", "a.%%%.c", token("text"), token(null), token({ iss: 1, exp: "soon" })])(
    "are none in %j",
    (text) => {
      expect(readClaims(text)).toEqual({});
      expect(describeClaims({})).toBe("a proof without readable claims");
    },
  );
});
