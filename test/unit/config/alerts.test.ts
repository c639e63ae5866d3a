import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { errorOf, parse } from "./parse.ts";

const TENANT = "00000000-0000-0000-0000-000000000000";

describe("alerts", () => {
  it("reads who may send alerts", () => {
    const { alerts } = parse(
      `
alerts:
  sns: { topics: ["arn:aws:sns:us-east-1:111122223333:budgets", "arn:aws-cn:sns:cn-north-1:111122223333:a.fifo"], maxAgeMinutes: 90 }
  azureMonitor: { secret: "\${secret:HOOK}", tenantId: ${TENANT}, audience: "api://genops", authority: "https://login.microsoftonline.us" }
  pubsub: { subscriptions: [projects/acme/subscriptions/budgets], audience: "https://genops.example.com/hooks/pubsub", serviceAccount: push@acme.iam.gserviceaccount.com }
`,
      { "secret:HOOK": "0123456789abcdef" },
    );
    expect(alerts).toEqual({
      sns: {
        topics: ["arn:aws:sns:us-east-1:111122223333:budgets", "arn:aws-cn:sns:cn-north-1:111122223333:a.fifo"],
        maxAgeMinutes: 90,
      },
      azureMonitor: {
        secret: "0123456789abcdef",
        tenantId: TENANT,
        audience: "api://genops",
        authority: "https://login.microsoftonline.us",
      },
      pubsub: {
        subscriptions: ["projects/acme/subscriptions/budgets"],
        audience: "https://genops.example.com/hooks/pubsub",
        serviceAccount: "push@acme.iam.gserviceaccount.com",
      },
    });
  });

  it("believes nobody by default", () => {
    expect(parse("{}").alerts).toEqual({
      sns: { topics: [], maxAgeMinutes: 60 },
      azureMonitor: { authority: "https://login.microsoftonline.com" },
      pubsub: { subscriptions: [] },
    });
  });

  it.each([
    ["sns: { topics: [budgets] }", /^expected a topic such as arn:aws:sns/],
    ["sns: { topics: [] }", /^expected a list of topics with at least one/],
    ["sns: { maxAgeMinutes: 0 }", /^expected a whole number from 1 to 1440/],
    ["azureMonitor: { tenantId: acme, audience: a }", /^expected an Entra tenant id/],
    [
      `azureMonitor: { tenantId: ${TENANT} }`,
      /^missing: expected tenantId and audience together.*alerts.azureMonitor.audience\)$/,
    ],
    [
      "azureMonitor: { audience: a }",
      /^missing: expected tenantId and audience together.*alerts.azureMonitor.tenantId\)$/,
    ],
    ["azureMonitor: { audience: '', tenantId: x }", /expected an application ID URI/],
    ["pubsub: { subscriptions: [budgets] }", /^expected a subscription such as/],
    ["pubsub: { audience: a }", /^missing: expected audience and serviceAccount together/],
    ["pubsub: { serviceAccount: nobody, audience: a }", /^expected a service account's e-mail address/],
    ["slack: {}", /^unknown key "slack"/],
  ])("refuses %s", (text, message) => {
    expect(errorOf(`alerts: { ${text} }`).message).toMatch(message);
  });

  it("does not repeat a secret that is too short", () => {
    const { message } = errorOf("alerts: { azureMonitor: { secret: hunter2 } }");
    expect(message).toMatch(/^expected a secret of at least 16 characters/);
    expect(message).not.toContain("hunter2");
  });
});

describe("docs/inbound-alerts.md", () => {
  const page = readFileSync(new URL("../../../docs/inbound-alerts.md", import.meta.url), "utf8");
  const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, example = ""]) => example);

  it("has examples for every sender", () => {
    expect(examples).toHaveLength(4);
  });

  it.each(examples)("has an example that can be read: %s", (example) => {
    const { alerts } = parse(example, { "secret:AZURE_HOOK": "0123456789abcdef" });
    expect(alerts).not.toEqual(parse("{}").alerts);
  });
});
