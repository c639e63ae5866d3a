import { describe, expect, it } from "vitest";
import { scopeColumns } from "../../../shared/config/scope-columns.ts";
import { parse } from "./parse.ts";

describe("scopeColumns", () => {
  it("lists what scopes, series and shared costs name beyond the cube, sorted and once", () => {
    const config = parse(`
budgets:
  aws: { monthly_limit: 1 }
  list:
    - { name: a, limit: 1, scope: { team: ml, service_category: Compute } }
    - { name: b, limit: 1, scope: { service_category: Storage, charge_class: Correction } }
anomalies: { by: [provider, sub_account_name] }
allocation: { shared: [{ name: s, match: { service_subcategory: x }, over: team, method: even }] }
`);
    expect(scopeColumns(config, ["provider", "team"])).toEqual([
      "charge_class",
      "service_category",
      "service_subcategory",
      "sub_account_name",
    ]);
  });

  it("lists nothing for a configuration of the cube's own dimensions", () => {
    expect(scopeColumns(parse(""), ["provider", "account", "service"])).toEqual([]);
  });
});
