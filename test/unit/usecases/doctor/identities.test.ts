import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import type { Cloud } from "../../../../shared/ports/credentials.ts";
import { openCredentials } from "../../../../shared/usecases/open-credentials.ts";
import type { Environment } from "../../../../shared/usecases/static-environment.ts";
import { serveAwsSts } from "../../../support/identity/aws.ts";
import { UNASSIGNED } from "../../../support/identity/azure.ts";
import { serveMetadata } from "../../../support/identity/gcp.ts";
import { createIssuer } from "../../../support/identity/issuer.ts";
import { type Fault, SUBJECTS, startManagedIdentity, startTwoClouds } from "../../../support/identity/two-clouds.ts";
import { parse } from "../../config/parse.ts";
import { checkOf, examined, folders } from "./support.ts";

const running: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()));
});
afterAll(() => folders.clean());

const ID = "11111111-1111-1111-1111-111111111111";
const CREDENTIALS: Readonly<Record<Cloud, string>> = {
  aws: `aws: { roleArn: "arn:aws:iam::123456789012:role/genops", audience: "api://genops" }`,
  azure: `azure: { tenantId: ${ID}, clientId: 22222222-2222-2222-2222-222222222222 }`,
  gcp: `gcp: { workloadIdentityProvider: projects/123/locations/global/workloadIdentityPools/genops/providers/home, serviceAccount: genops@p-1.iam.gserviceaccount.com }`,
};

/** A function at home, that is configured for another cloud; it has nothing to do at home itself. */
async function examinedExchange(home: Cloud, target: Cloud, fault?: Fault) {
  const clouds = await startTwoClouds({ home, target, ...(fault === undefined ? {} : { fault }) });
  running.push(clouds);
  return examined(`credentials: { ${CREDENTIALS[target]} }`, { credentials: openCredentials(clouds) });
}

describe("an exchange of identities", () => {
  it.each([
    ["gcp", "azure", /signed in as/],
    ["azure", "aws", /assumed-role\/genops\/genops/],
    ["aws", "gcp", /signed in as genops@p-1/],
  ] as const)("%s → %s is made", async (home, target, detail) => {
    const found = checkOf(await examinedExchange(home, target), `identity: ${home} → ${target}`);
    expect(found).toMatchObject({ ok: true, detail: expect.stringMatching(detail) as string });
  });

  it.each([
    [
      "gcp",
      "aws",
      "sts:AssumeRoleWithWebIdentity",
      /trust policy of arn:aws:iam::123456789012:role\/genops.*Trust in AWS/,
    ],
    ["aws", "azure", "a federated credential", /22222222-2222.*Trust in Azure/],
    ["azure", "gcp", "workload identity federation", /workloadIdentityPools\/genops.*Trust in Google Cloud/],
  ] as const)("%s → %s that is refused says where the trust is set up", async (home, target, missing, grant) => {
    const found = checkOf(await examinedExchange(home, target, "subject"), `identity: ${home} → ${target}`);
    expect(found).toMatchObject({ ok: false, missing, grant: expect.stringMatching(grant) as string });
    expect(found?.detail).toContain(`${home} → ${target}: no credentials`);
  });

  it("is not made on a person's machine, and the doctor says so", async () => {
    const credentials = openCredentials({
      ...parse("{}"),
      home: "local",
      environment: {},
      clock: { now: () => new Date() },
    });
    vi.stubEnv("AWS_ACCESS_KEY_ID", "ASIAPERSON0000000001");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "mine");
    vi.stubEnv("AWS_SESSION_TOKEN", "t");
    const person = { secretAccessKey: "mine", sessionToken: "t", arn: "arn:aws:sts::1:assumed-role/sso/me", role: "" };
    const sts = await serveAwsSts({ sessions: { ASIAPERSON0000000001: person } });
    running.push(sts);
    vi.stubEnv("AWS_ENDPOINT_URL_STS", sts.url);
    const checks = await examined(`credentials: { ${CREDENTIALS.aws} }`, { credentials });
    expect(checkOf(checks, "credentials.aws")).toMatchObject({ ok: true, checked: false });
    expect(checkOf(checks, "identity in aws")).toMatchObject({ ok: true, detail: person.arn });
  });
});

describe("the identity at home", () => {
  const at = (home: Cloud, environment: Environment = {}) =>
    openCredentials({ ...parse("{}"), home, environment, clock: { now: () => new Date() } });

  const QUERY = "sources: [{ id: q, type: azure-cost-query, scope: subscriptions/s }]";

  it("is the managed identity in Azure", async () => {
    await startManagedIdentity();
    expect(checkOf(await examined(QUERY, { credentials: at("azure") }), "identity in azure")).toMatchObject({
      ok: true,
      detail: `signed in as ${SUBJECTS.azure}`,
    });
  });

  it("that is missing in Azure says how to get one", async () => {
    await startManagedIdentity();
    const credentials = at("azure", { AZURE_CLIENT_ID: UNASSIGNED });
    expect(checkOf(await examined(QUERY, { credentials }), "identity in azure")).toMatchObject({
      ok: false,
      missing: "an identity in Entra",
      grant: expect.stringContaining("az login") as string,
    });
  });

  it("is the service account at Google", async () => {
    const metadata = await serveMetadata({ issuer: await createIssuer("https://accounts.google.com"), subject: "1" });
    running.push(metadata);
    vi.stubEnv("GCE_METADATA_HOST", metadata.url.replace("http://", ""));
    vi.stubEnv("METADATA_SERVER_DETECTION", "assume-present");
    vi.stubEnv("GOOGLE_CLOUD_PROJECT", "home-project");
    const yaml = 'sources: [{ id: g, type: gcp-billing-export, table: "p-1.billing.gcp_billing_export_v1_X" }]';
    expect(checkOf(await examined(yaml, { credentials: at("gcp") }), "identity in gcp")).toMatchObject({
      ok: true,
      detail: "signed in",
    });
  });

  it("of a long-lived key is named as what it is", async () => {
    const key = { secretAccessKey: "s", arn: "arn:aws:iam::1:user/me", role: "" };
    const sts = await serveAwsSts({ sessions: { AKIAIOSFODNN7EXAMPLE: key } });
    running.push(sts);
    vi.stubEnv("AWS_ENDPOINT_URL_STS", sts.url);
    const yaml = `
allowStaticCredentials: true
credentials: { aws: { accessKeyId: AKIAIOSFODNN7EXAMPLE, secretAccessKey: s } }`;
    const credentials = openCredentials({
      ...parse(yaml),
      home: "local",
      environment: {},
      clock: { now: () => new Date() },
    });
    const environment = { AZURE_CLIENT_SECRET: "hush" };
    const checks = await examined(yaml, { credentials }, { environment });
    expect(checkOf(checks, "identity in aws")?.detail).toMatch(/user\/me, by a long-lived access key/);
    expect(checkOf(checks, "static credentials")).toMatchObject({
      ok: true,
      detail: "accepted, for development only; found: credentials.aws, AZURE_CLIENT_SECRET (a client secret)",
    });
  });
});
