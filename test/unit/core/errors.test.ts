import { describe, expect, it } from "vitest";
import { atPlace, describePlace, GenOpsError, messageOf } from "../../../shared/core/errors.ts";

describe("GenOpsError", () => {
  it("says where, as far as it is known", () => {
    const error = new GenOpsError("refused", "not a number", { place: { column: "Cost", row: 3, file: "a.csv" } });
    expect(error.message).toBe("not a number (file a.csv, row 3, column Cost)");
    expect(describePlace({})).toBe("");
    expect(describePlace({ source: "aws", file: "f", row: 1, line: 2, column: "c", field: "x" })).toBe(
      " (source aws, file f, row 1, line 2, column c, field x)",
    );
  });

  it("is retryable when something outside did not answer, or when it says so", () => {
    expect(new GenOpsError("unavailable", "x").retryable).toBe(true);
    expect(new GenOpsError("refused", "x").retryable).toBe(false);
    expect(new GenOpsError("conflict", "x", { retryable: true }).retryable).toBe(true);
    expect(new GenOpsError("unavailable", "x", { retryable: false }).retryable).toBe(false);
  });
});

describe("atPlace", () => {
  const cause = new Error("inner");
  const known = new GenOpsError("refused", "bad (very)", { place: { file: "a.csv", row: 3 }, retryable: true, cause });

  it("adds what was not known and keeps what was", () => {
    const placed = atPlace(known, { source: "aws", file: "other.csv" });
    expect(placed.place).toEqual({ source: "aws", file: "a.csv", row: 3 });
    expect(placed.message).toBe("bad (very) (source aws, file a.csv, row 3)");
    expect([placed.code, placed.retryable, placed.cause]).toEqual(["refused", true, cause]);
  });

  it("can be applied again and again without repeating the place", () => {
    const twice = atPlace(atPlace(new GenOpsError("config", "wrong"), { source: "aws" }), { field: "sources" });
    expect(twice.message).toBe("wrong (source aws, field sources)");
  });
});

describe("messageOf", () => {
  it("gives the text of anything thrown", () => {
    expect([messageOf(new Error("a")), messageOf("b"), messageOf(undefined), messageOf({})]).toEqual([
      "a",
      "b",
      "undefined",
      "[object Object]",
    ]);
  });
});
