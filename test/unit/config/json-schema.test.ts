import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { configJsonSchema } from "../../../shared/config/json-schema.ts";

describe("docs/genops.schema.json", () => {
  it("is what the schemas of the configuration say", () => {
    const committed: unknown = JSON.parse(
      readFileSync(new URL("../../../docs/genops.schema.json", import.meta.url), "utf8"),
    );
    expect(committed).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
  });

  it("lets amounts be plain numbers and refuses unknown keys", () => {
    expect(configJsonSchema()).toMatchObject({
      additionalProperties: false,
      properties: {
        budgets: { properties: { global: { properties: { monthly_limit: { type: ["number", "string"] } } } } },
      },
    });
  });
});
