import { describe, expect, it } from "vitest";
import { bigQueryError } from "../../../../shared/platforms/gcp/bigquery-errors.ts";

function answered(code: number, reason: string): Error {
  return Object.assign(new Error("said"), { code, errors: [{ reason, message: "said" }] });
}

describe("what BigQuery's client throws", () => {
  it("is no outage when there are no credentials at all: asking again would not help", () => {
    const error = bigQueryError(new Error("Could not load the default credentials. Browse to https://…"));
    expect(error).toMatchObject({ code: "config", retryable: false });
    expect(error.message).toContain("no Google credentials");
  });

  it("is a refused token when the library tells only a status, not a code", () => {
    const error = bigQueryError(Object.assign(new Error("invalid_grant"), { status: 400, code: "400" }));
    expect(error).toMatchObject({ code: "refused", retryable: false });
  });

  it("may pass when a connection broke", () => {
    const error = bigQueryError(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }));
    expect(error).toMatchObject({ code: "unavailable", retryable: true });
  });

  it("names roles only where a right is missing", () => {
    expect(bigQueryError(answered(403, "accessDenied")).message).toContain("grant roles/bigquery.jobUser");
    const billing = bigQueryError(answered(403, "billingNotEnabled"));
    expect(billing).toMatchObject({ code: "config" });
    expect(billing.message).not.toContain("roles/");
    expect(bigQueryError(answered(403, "responseTooLarge"))).toMatchObject({ code: "refused" });
  });
});
