import { describe, expect, it } from "vitest";
import { decodePlan, encodePlan } from "../../../../../shared/clusters/enforcement/plan/plan-json.ts";
import { planCommands, planText } from "../../../../../shared/clusters/enforcement/plan/plan-text.ts";
import { ARGO } from "../../../../support/action-subjects.ts";
import { deployment, namespace } from "../../../../support/cluster-objects.ts";
import { blocking, opted, planFor, wanted } from "../../../../support/plan-world.ts";

const objects = [
  opted("ml"),
  namespace("web"),
  deployment({ namespace: "ml", name: "trainer", replicas: 5 }),
  deployment({ namespace: "ml", name: "api", replicas: 2, annotations: ARGO }),
  deployment({ namespace: "web", name: "shop" }),
];

describe("a plan as text", () => {
  const text = planText(planFor(objects));

  it("is a table of steps with prices, the sum, and what was left out", () => {
    expect(text.split("\n").slice(2, 5)).toEqual([
      "   action          object                 environment  pods  per hour  until end",
      "1  scale-to-floor  Deployment ml/trainer  dev             4      4.00     816.00",
      "2  deny-growth     Namespace ml           dev                    0.00       0.00",
    ]);
    expect(text).toContain("saves 4.00 USD an hour, 816.00 USD until the end of the period");
    expect(text).toContain("needs no approval: it is done automatically");
    expect(text).toContain(
      "- Namespace web: namespace web is not opted in\n    label it genops.ai/enforce=freeze, throttle or block",
    );
    expect(text).toContain("      - RespectIgnoreDifferences=true");
    expect(text).toContain("To know:\n- warns and audits for one run; the next one denies");
  });

  it("gives a reason once, however many wants meet it", () => {
    const twice = planFor(objects, { wants: [wanted(), wanted({ policy: "budget/other" })] });
    const [first] = twice.leftOut;
    const again = { ...twice, leftOut: [...twice.leftOut, { ...first, subject: "x", policy: "p", reason: "r" }] };
    const thrice = { ...again, leftOut: [...again.leftOut, { subject: "x", policy: "other", reason: "r" }] };
    expect(planText(thrice).split("- x: r")).toHaveLength(2);
  });

  it.each([
    [{ settings: { mode: "dry-run" as const } }, "dry run: nothing is done, whoever approves it"],
    [{ settings: { mode: "approve" as const } }, "needs the approval of one person until 2026-11-22T13:00:00.000Z"],
    [{ wants: [] }, "Nothing to do."],
  ])("says what it needs: %#", (parts, words) => {
    expect(planText(planFor(objects, parts))).toContain(words);
  });

  it("says how many people, and what cannot be undone", () => {
    const prod = [opted("ml", "block", { "genops.ai/environment": "prod" }), ...objects.slice(1)];
    const plan = planFor(prod, { wants: [wanted({ ...blocking, atOnce: true })] });
    expect(planText(plan)).toContain("needs the approval of 2 persons");
    const final = { ...plan, steps: plan.steps.map((step) => ({ ...step, reversible: false })) };
    expect(planText(final)).toContain("scale-to-zero (irreversible)");
  });

  it("lets no control character through", () => {
    const plan = planFor(objects);
    const steps = plan.steps.map((step) => ({ ...step, subject: "Deployment \u001b[31mml/\u202etrainer\nx" }));
    const shown = planText({ ...plan, cluster: "c\u0007", steps });
    expect(shown).toContain("Deployment [31mml/trainer x");
    expect(shown).not.toContain("\u001b");
  });

  it("lists the commands in the steps' order", () => {
    expect(planCommands(planFor(objects))[0]).toBe(
      "kubectl --context test --namespace ml scale deployment.apps/trainer --current-replicas=5 --replicas=1",
    );
  });
});

describe("a plan as JSON", () => {
  it("comes back as it was, money and all", () => {
    const wants = [wanted({ atOnce: true, quietUntil: "2026-11-01T00:00:00Z", reduceByPerHour: 1n as never })];
    const plan = planFor(objects, { wants });
    expect(decodePlan(JSON.parse(JSON.stringify(encodePlan(plan))))).toEqual(plan);
    expect(JSON.stringify(encodePlan(plan))).toContain('"savesPerHour":"4"');
  });
});
