import { describe, expect, it } from "vitest";
import { errorOf, parse } from "./parse.ts";

const ID = "11111111-2222-3333-4444-555555555555";
const POOL = "projects/123/locations/global/workloadIdentityPools/genops/providers/aws";

describe("credentials", () => {
  it("says what this process is exchanged for in each cloud", () => {
    const { credentials, allowStaticCredentials } = parse(`
credentials:
  aws: { roleArn: "arn:aws:iam::012345678901:role/a/genops", region: eu-central-1, audience: "api://genops" }
  azure: { tenantId: ${ID}, clientId: ${ID}, authorityHost: https://login.microsoftonline.us }
  gcp: { workloadIdentityProvider: //iam.googleapis.com/${POOL}, serviceAccount: genops@p-1.iam.gserviceaccount.com }
`);
    expect(allowStaticCredentials).toBe(false);
    expect(credentials).toEqual({
      aws: {
        kind: "federated",
        roleArn: "arn:aws:iam::012345678901:role/a/genops",
        region: "eu-central-1",
        audience: "api://genops",
      },
      azure: { kind: "federated", tenantId: ID, clientId: ID, authorityHost: "https://login.microsoftonline.us" },
      gcp: {
        kind: "federated",
        workloadIdentityProvider: POOL,
        serviceAccount: "genops@p-1.iam.gserviceaccount.com",
      },
    });
  });

  it.each(["us-gov-west-1", "eusc-de-east-1", "us-isob-east-1", "mx-central-1"])("knows the region %s", (region) => {
    const text = `credentials: { aws: { roleArn: "arn:aws:iam::012345678901:role/x", region: ${region} } }`;
    expect(parse(text).credentials.aws?.region).toBe(region);
  });

  it.each([
    ["aws: { roleArn: genops }", "expected a role such as arn:aws:iam", "credentials.aws.roleArn"],
    ["aws: { region: eu-central-1 }", "expected roleArn", "credentials.aws"],
    [`aws: { roleArn: "arn:aws:iam::1:role/x" }`, "expected a role", "credentials.aws.roleArn"],
    [
      `aws: { roleArn: "arn:aws:iam::012345678901:role/x", region: Frankfurt }`,
      "expected a region",
      "credentials.aws.region",
    ],
    [`azure: { tenantId: ${ID} }`, "missing: expected an id such as", "credentials.azure.clientId"],
    ["azure: { tenantId: contoso, clientId: genops }", "expected an id", "credentials.azure.tenantId"],
    [
      `azure: { tenantId: ${ID}, clientId: ${ID}, authorityHost: https://login.example.com }`,
      "expected one of",
      "credentials.azure.authorityHost",
    ],
    [
      "gcp: { workloadIdentityProvider: genops }",
      "expected projects/<number>",
      "credentials.gcp.workloadIdentityProvider",
    ],
    [
      `gcp: { workloadIdentityProvider: ${POOL}, serviceAccount: me@example.com }`,
      "expected a service account",
      "credentials.gcp.serviceAccount",
    ],
    [
      "gcp: { serviceAccount: genops@p.iam.gserviceaccount.com }",
      "expected workloadIdentityProvider",
      "credentials.gcp",
    ],
    ["oracle: {}", "unknown key", "credentials.oracle"],
  ])("refuses %s with line and field", (block, message, field) => {
    const error = errorOf(`lake: file:./lake\ncredentials:\n  ${block}\n`);
    expect(error.message).toContain(message);
    expect(error.place).toMatchObject({ line: 3, field });
  });
});

const ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE";
const CLIENT_SECRET = `abc8Q~${"d".repeat(33)}`;
const KEY_JSON = JSON.stringify({ type: "service_account", private_key: "-----BEGIN PRIVATE KEY-----\nMII" });
const CONNECTION =
  "DefaultEndpointsProtocol=https;AccountName=bills;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net";
const SAS = "https://bills.blob.core.windows.net/focus?sv=2024-11-04&sr=c&sp=rl&se=2027-01-01&sig=c2VjcmV0";

describe("static credentials", () => {
  it.each([
    [
      "an AWS access key",
      `credentials: { aws: { accessKeyId: x1, secretAccessKey: hush } }`,
      "credentials.aws.accessKeyId",
    ],
    ["an AWS access key", `aws_secret_access_key: hush`, "aws_secret_access_key"],
    [
      "an AWS access key",
      `sources: [{ id: a, type: aws-data-export, location: "s3://${ACCESS_KEY}:hush@bill/x" }]`,
      "sources[0].location",
    ],
    [
      "a client secret",
      `credentials: { azure: { tenantId: ${ID}, clientId: ${ID}, clientSecret: hush } }`,
      "credentials.azure.clientSecret",
    ],
    ["a client secret", `sources: [{ id: a, type: opencost, url: "http://x/?q=${CLIENT_SECRET}" }]`, "sources[0].url"],
    ["a key file", `credentials: { gcp: { keyFile: hush.json } }`, "credentials.gcp.keyFile"],
    ["a service account key", `lake: '${KEY_JSON.replaceAll("\n", "")}'`, "lake"],
    ["a private key", `lake: "-----BEGIN RSA PRIVATE KEY-----"`, "lake"],
    ["a connection string", `lake: "${CONNECTION}"`, "lake"],
    [
      "a shared access signature",
      `sources: [{ id: a, type: azure-cost-export, actual: "${SAS}" }]`,
      "sources[0].actual",
    ],
    ["a static cluster credential", `clusters: [{ name: a, provider: eks, token: hush }]`, "clusters[0].token"],
    [
      "a client certificate's key",
      `clusters: [{ name: a, user: { client-key-data: aHVzaA== } }]`,
      `clusters[0].user.client-key-data`,
    ],
    ["an AWS access key", `multicloud: { aws: { note: ${ACCESS_KEY} } }`, "multicloud.aws.note"],
    [
      "an AWS access key",
      `allocation: { accounts: { ${ACCESS_KEY}: { team: a } } }`,
      `allocation.accounts.${ACCESS_KEY}`,
    ],
  ])("refuses %s in %s", (what, text, field) => {
    const error = errorOf(`\n${text}\n`);
    expect(error.code).toBe("config");
    expect(error.message).toContain(what);
    expect(error.message).toContain("docs/identity.md");
    expect(error.message).not.toMatch(/hush|c2VjcmV0|MII/);
    expect(error.place).toMatchObject({ file: "genops.yaml", line: 2, field });
  });

  it.each([
    ["env", ACCESS_KEY],
    ["secret", CONNECTION],
    ["secret", KEY_JSON],
    ["env", SAS],
    ["env", CLIENT_SECRET],
  ])("refuses them from ${%s:…} too, and never says the value", (kind, value) => {
    const text = `lake: file:./lake\nsources:\n  - { id: a, type: focus-export, location: "\${${kind}:X}" }\n`;
    const error = errorOf(text, { [`${kind}:X`]: value });
    expect(error.place).toMatchObject({ line: 3, field: "sources[0].location" });
    expect(error.message).not.toContain(value);
    expect(error.message).not.toContain(value.slice(0, 12));
  });

  it("refuses a key by its name, whatever a reference holds", () => {
    const text = "credentials:\n  aws: { accessKeyId: x, secretAccessKey: '${secret:K}' }\n";
    expect(errorOf(text, { "secret:K": "hush" }).message).toMatch(/2 problems/);
  });

  it("looks into Kubernetes documents beside the configuration", () => {
    const secret = "---\napiVersion: v1\nkind: Secret\ndata:\n  AWS_SECRET_ACCESS_KEY: aHVzaA==\n";
    const error = errorOf(`lake: file:./lake\n${secret}`);
    expect(error.place).toMatchObject({ line: 6, field: "data.AWS_SECRET_ACCESS_KEY" });
  });

  it.each([
    ["a Slack token", "notifications: { slack: { token: xoxb-1-2, channel: '#a' } }"],
    ["an SMTP password", "notifications: { email: { url: 'smtp://me:pass@mail:587', from: a@b, to: [c@d] } }"],
    [
      "a signed webhook of another service",
      "notifications: { webhooks: [{ id: a, url: 'https://x.logic.azure.com/w?api-version=1&sp=%2Frun&sv=1.0&sig=abc', secrets: [whsec_eA==] }] }",
    ],
    ["the key of a usage API", "sources: [{ id: a, type: openai-usage, key: sk-admin-1 }]"],
    [
      "a document that only refers to a secret",
      "---\napiVersion: v1\nkind: Pod\nspec: { env: [{ name: AWS_SECRET_ACCESS_KEY, valueFrom: { secretKeyRef: { name: a, key: clientSecret } } }] }",
    ],
    ["a word that begins like a key", "allocation: { labels: { team: [AKIATEAM] } }"],
  ])("leaves %s alone", (_what, text) => {
    expect(parse(text).allowStaticCredentials).toBe(false);
  });

  it("are accepted for development", () => {
    const text = `
allowStaticCredentials: true
credentials:
  aws: { accessKeyId: ${ACCESS_KEY}, secretAccessKey: hush, region: eu-west-1 }
  azure: { tenantId: ${ID}, clientId: ${ID}, clientSecret: hush }
  gcp: { keyFile: key.json }
`;
    expect(parse(text)).toMatchObject({
      allowStaticCredentials: true,
      credentials: {
        aws: { kind: "static", accessKeyId: ACCESS_KEY, secretAccessKey: "hush", region: "eu-west-1" },
        azure: { kind: "static", clientSecret: "hush" },
        gcp: { kind: "static", keyFile: "key.json" },
      },
    });
  });

  it.each([
    "aws: { roleArn: 'arn:aws:iam::012345678901:role/x', accessKeyId: a, secretAccessKey: b }",
    "aws: { accessKeyId: a }",
    `gcp: { keyFile: a, workloadIdentityProvider: ${POOL} }`,
  ])("are not mixed with a role, nor given by halves: %s", (block) => {
    expect(errorOf(`allowStaticCredentials: true\ncredentials:\n  ${block}\n`).message).toMatch(/for development/);
  });

  it("never stand in a message about something else", () => {
    const text =
      "allowStaticCredentials: true\ncredentials:\n  azure: { tenantId: hush, clientId: hush, clientSecret: [hush] }\n";
    expect(errorOf(text).message).not.toMatch(/clientSecret.*hush/);
  });
});
