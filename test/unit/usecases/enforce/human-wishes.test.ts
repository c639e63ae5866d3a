import { describe, expect, it } from "vitest";
import { billingWants, humanActions } from "../../../../shared/usecases/enforce/human-wishes.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { parse } from "../../config/parse.ts";

const clock = createFakeClock("2026-11-22T12:00:00.000Z");
const config = parse(`
enforcement:
  billing:
    awsBudgetActions: [{ budget: aws, accountId: "111122223333", budgetName: monthly, actionId: a-1 }]
    nodePools: [{ budget: gpu, cluster: aws-cluster, pool: gpu }]
`);

describe("what only people ask for", () => {
  it("is named node by node and workload by workload, and ends in a day unless they say", () => {
    expect(
      humanActions({ clock }, { cordon: ["n1"], noExecute: ["n2"], evict: ["ml/Deployment/trainer"], by: "ada" }),
    ).toEqual([
      { action: "cordon-node", node: "n1", policy: "person/ada/cordon-node/n1", expiresAt: "2026-11-23T12:00:00.000Z" },
      { action: "no-execute", node: "n2", policy: "person/ada/no-execute/n2", expiresAt: "2026-11-23T12:00:00.000Z" },
      {
        action: "evict-pods",
        namespace: "ml",
        kind: "Deployment",
        name: "trainer",
        policy: "person/ada/evict-pods/ml/Deployment/trainer",
        expiresAt: "2026-11-23T12:00:00.000Z",
      },
    ]);
    const [until] = humanActions({ clock }, { cordon: ["n1"], until: "2026-11-22T13:00:00Z", by: "ada" });
    expect(until?.expiresAt).toBe("2026-11-22T13:00:00.000Z");
  });

  it.each([
    [{ evict: ["ml/trainer"] }, "expected namespace/Kind/name"],
    [{ evict: ["ml/Deployment/trainer/x"] }, "expected namespace/Kind/name"],
    [{ cordon: ["n1"], until: "2026-11-22T11:00:00Z" }, "expected an instant to come"],
    [{ cordon: ["n1"], until: "tomorrow" }, "expected an instant to come"],
  ])("refuses %o", (wishes, words) => {
    expect(() => humanActions({ clock }, { ...wishes, by: "ada" })).toThrow(words);
  });

  it("reaches the billing side of a budget and nothing in any cluster, until the month ends or they say", () => {
    const want = (until?: string) => billingWants({ clock, config }, { billing: ["gpu"], by: "ada", until });
    expect(want()).toMatchObject([
      {
        policy: "person/ada/billing/gpu",
        budget: "gpu",
        rung: "human",
        scopes: [],
        expiresAt: "2026-12-01T00:00:00.000Z",
        atOnce: true,
      },
    ]);
    expect(want("2026-11-25T00:00:00Z")[0]?.expiresAt).toBe("2026-11-25T00:00:00.000Z");
    expect(() => billingWants({ clock, config }, { billing: ["web"], by: "ada" })).toThrow("names nothing");
  });
});
