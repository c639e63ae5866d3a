import { describe, expect, it } from "vitest";
import { parseDecimal } from "../../../shared/core/decimal.ts";
import { errorOf, parse } from "./parse.ts";

describe("clusters", () => {
  it("reads clusters of every provider; the cloud's own name is ours where nothing else is said", () => {
    const { clusters } = parse(`
clusters:
  - { name: aws-cluster, provider: eks, region: us-west-2, match: { account: "111122223333" } }
  - { name: azure-cluster, provider: aks, cluster: prod-1, subscription: s, resourceGroup: rg, rights: scale-only }
  - { name: gcp-cluster, provider: gke, project: p, location: us-central1, requestsPerSecond: 50, containerUrl: "https://container.example.com/" }
  - { name: lab, provider: kubeconfig, kubeconfig: kube/config, context: lab }
  - { name: dump, provider: snapshot, location: cluster.json }
`);
    expect(clusters).toEqual([
      {
        name: "aws-cluster",
        provider: "eks",
        cluster: "aws-cluster",
        region: "us-west-2",
        match: { account: ["111122223333"] },
      },
      {
        name: "azure-cluster",
        provider: "aks",
        cluster: "prod-1",
        subscription: "s",
        resourceGroup: "rg",
        rights: "scale-only",
      },
      {
        name: "gcp-cluster",
        provider: "gke",
        cluster: "gcp-cluster",
        project: "p",
        location: "us-central1",
        requestsPerSecond: 50,
        containerUrl: "https://container.example.com",
      },
      { name: "lab", provider: "kubeconfig", kubeconfig: "kube/config", context: "lab" },
      { name: "dump", provider: "snapshot", location: "cluster.json" },
    ]);
  });

  it.each([
    ["- { name: a, provider: ecs }", "clusters[0].provider"],
    ["- { name: a, provider: eks }", "clusters[0].region"],
    [
      "- { name: a, provider: snapshot, location: x }\n  - { name: a, provider: snapshot, location: y }",
      "stands twice",
    ],
    ["- { name: a, provider: eks, region: r, eksUrl: http://plain }", "expected an https:// URL"],
    ["- { name: a, provider: kubeconfig, kubeconfig: x, token: abc }", "a static cluster credential"],
  ])("refuses %s", (entry, words) => {
    expect(errorOf(`clusters:\n  ${entry}\n`).message).toContain(words);
  });
});

describe("enforcement", () => {
  it("reads everything that can be said", () => {
    const { enforcement } = parse(`
enforcement:
  mode: auto
  layers: { billing: approve }
  environments: { prod: approve }
  rungs: { block: approve }
  approvers:
    - { identity: ada@example.com, slack: U024BE7LH }
    - { identity: grace@example.com, environments: [dev, staging] }
  caps: { objectsPerRun: 5, namespaceShare: 0.5 }
  enterAfter: 3
  leaveBelow: 2.5
  windows: [{ days: [mon, tue], from: "08:00", to: "18:00", zone: Europe/Berlin }]
  gitOps: suspend-flux
  billing:
    awsBudgetActions: [{ budget: aws, accountId: "111122223333", budgetName: monthly, actionId: a-1 }]
    gcpDetachBilling: [{ budget: gcp, project: sandbox }]
    allowDetachBilling: true
    nodePools: [{ budget: aws, cluster: aws-cluster, pool: gpu, minimum: 1 }]
`);
    expect(enforcement).toMatchObject({
      mode: "auto",
      layers: { billing: "approve" },
      environments: { prod: "approve" },
      rungs: { block: "approve" },
      approvers: [
        { identity: "ada@example.com", slack: "U024BE7LH", environments: [] },
        { identity: "grace@example.com", environments: ["dev", "staging"] },
      ],
      caps: { objectsPerRun: 5, namespaceShare: parseDecimal("0.5"), prodFloor: 1 },
      enterAfter: 3,
      leaveBelow: parseDecimal("2.5"),
      windows: [{ days: ["mon", "tue"], from: "08:00", to: "18:00", zone: "Europe/Berlin" }],
      gitOps: "suspend-flux",
      billing: { allowDetachBilling: true, nodePools: [{ minimum: 1 }] },
    });
  });

  it.each([
    ["mode: always", "expected one of dry-run, approve, auto"],
    ["windows: [{ days: [mon], from: '8', to: '18:00' }]", "expected a time of day such as 09:30"],
    ["windows: [{ days: [mon], from: '08:00', to: '18:00', zone: Mars/Base }]", "expected an IANA time zone"],
    ["approvers: [{ identity: a, slack: bob }]", "expected a Slack user id"],
    ["caps: { namespaceShare: 2 }", "a share between 0 and 1"],
    ["billing: { awsBudgetActions: [{ budget: a, accountId: 12, budgetName: b, actionId: c }] }", "twelve digits"],
  ])("refuses %s", (entry, words) => {
    expect(errorOf(`enforcement:\n  ${entry}\n`).message).toContain(words);
  });
});
