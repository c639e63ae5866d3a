import { describe, expect, it } from "vitest";
import { formatDecimal } from "../../../shared/core/decimal.ts";
import { errorOf, guide, parse } from "./parse.ts";

const POLICY = guide("policy-enforcement.yaml");
/** The bare `budgets:` block of the guide. */
const BUDGETS = POLICY.slice(POLICY.indexOf("    budgets:")).replaceAll(/^ {4}/gm, "");
const CONFIG_MAP = POLICY.slice(POLICY.indexOf("# Budget constraint"));

const notify = (threshold: string, recipients: string[] = []) => ({
  threshold,
  basis: "actual",
  action: "notify",
  recipients,
});

const EXPECTED = [
  {
    name: "global",
    scope: {},
    limit: "10000",
    alerts: [
      notify("80", ["platform-team@example.com"]),
      { threshold: "95", basis: "actual", action: "throttle", recipients: [] },
      { threshold: "100", basis: "actual", action: "block", recipients: [] },
    ],
  },
  { name: "aws", scope: { provider: ["aws"] }, limit: "4000", alerts: [notify("90")] },
  { name: "azure", scope: { provider: ["azure"] }, limit: "4000", alerts: [notify("90")] },
  { name: "gcp", scope: { provider: ["gcp"] }, limit: "2000", alerts: [notify("90")] },
  ...(
    [
      ["ai-research", "3000"],
      ["product-engineering", "5000"],
      ["customer-success", "2000"],
    ] as const
  ).map(([team, limit]) => ({
    name: `team/${team}`,
    scope: { team: [team] },
    limit,
    alerts: [notify("80", ["platform-team@example.com"]), notify("95"), notify("100")],
  })),
].map((budget) => ({
  ...budget,
  period: { every: "month" },
  currency: "USD",
  cost: "billed",
  includeCategories: [],
  excludeCategories: [],
}));

function budgetsOf(text: string): unknown[] {
  return parse(text).budgets.map((budget) => ({
    ...budget,
    limit: formatDecimal(budget.limit),
    alerts: budget.alerts.map((alert) => ({ ...alert, threshold: formatDecimal(alert.threshold) })),
  }));
}

describe("the guide's budgets", () => {
  it.each([
    ["as a top-level block", BUDGETS],
    ["inside their ConfigMap", CONFIG_MAP],
    ["inside the guide's file with its other documents", POLICY],
    ["beside a configuration", `enforcement: { mode: approve }\n---\n${CONFIG_MAP}`],
    ["with Windows line ends", CONFIG_MAP.replaceAll("\n", "\r\n")],
    ["inside a quoted text", `apiVersion: v1\nkind: ConfigMap\ndata:\n  b.yaml: ${JSON.stringify(BUDGETS)}\n`],
    ["under a data key of any name", CONFIG_MAP.replace("budget.yaml: |", "budget: |")],
  ])("are read verbatim %s", (_, text) => {
    expect(budgetsOf(text)).toEqual(EXPECTED);
  });

  it("keep the documents beside them as written", () => {
    const { manifests } = parse(POLICY).extensions;
    expect(manifests).toEqual([expect.objectContaining({ kind: "K8sRequiredLabels" })]);
  });

  it("report problems at the line of the file, also inside a ConfigMap", () => {
    const line = CONFIG_MAP.split("\n").findIndex((each) => each.includes("monthly_limit: 4000")) + 1;
    const error = errorOf(CONFIG_MAP.replace("monthly_limit: 4000", "monthly_limt: 4000"));
    expect(error.message).toContain(
      `unknown key "monthly_limt"; did you mean "monthly_limit"? (file genops.yaml, line ${line}, `,
    );
    expect(error.message).toContain(`(file genops.yaml, line ${line - 1}, field budgets.aws.monthly_limit)`);
  });

  it("cannot stand in two documents", () => {
    const first = CONFIG_MAP.split("\n").findIndex((each) => each.includes("budgets:")) + 1;
    const error = errorOf(`${CONFIG_MAP}\n---\n${CONFIG_MAP}`);
    expect(error.message).toContain(`"budgets" stands in two documents, first in line ${first}`);
  });

  it("are missed when their key is misspelt inside a ConfigMap", () => {
    const text = CONFIG_MAP.replace("budgets:", "budgts:");
    expect(errorOf(text).message).toMatch(/^unknown key "budgts"; did you mean "budgets"\? in data\["budget.yaml"\]/);
  });
});

describe("the guide's other ConfigMaps", () => {
  it.each([
    ["active-active.yaml", "multicloud", { strategy: "active-active" }],
    ["primary-backup.yaml", "multicloud", { strategy: "primary-backup" }],
    ["geo-routing.yaml", "geoRouting", { enabled: true }],
    ["instance-matrix.yaml", "workload_types", { general: { gcp: { memory_gb: 7.5 } } }],
    ["data-transfer.yaml", "dataTansfer", { monitoring: { costThreshold: 10 } }],
  ])("%s is kept as written under %s", (file, key, part) => {
    expect(parse(guide(file)).extensions).toEqual({ [key]: expect.anything() });
    expect(parse(guide(file)).extensions[key]).toMatchObject(part);
  });

  it("keeps residency rules in their order", () => {
    const names = parse(guide("data-residency.yaml")).extensions["rules"];
    expect(names).toMatchObject(
      ["gdpr-compliance", "ccpa-compliance", "china-compliance", "default"].map((name) => ({ name })),
    );
  });

  it("accepts dataTransfer spelt right", () => {
    const text = guide("data-transfer.yaml").replace("dataTansfer", "dataTransfer");
    expect(Object.keys(parse(text).extensions)).toEqual(["dataTransfer"]);
  });

  it("accepts the blocks without their ConfigMap, without filling in references", () => {
    expect(parse("multicloud: { token: '${secret:NOPE}', weight: 40 }").extensions).toEqual({
      multicloud: { token: "${secret:NOPE}", weight: 40 },
    });
  });

  it("keeps data that is no block of the guide, such as fluentd.conf, with its document", () => {
    expect(parse(guide("audit-logging.yaml")).extensions["manifests"]).toMatchObject([
      { kind: "ConfigMap" },
      { kind: "DaemonSet" },
    ]);
  });

  it("refuses two of one kind", () => {
    const text = `${guide("active-active.yaml")}\n---\n${guide("primary-backup.yaml")}`;
    expect(errorOf(text).message).toContain('"multicloud" stands in two documents');
  });
});
