import { afterEach, describe, expect, it, vi } from "vitest";
import {
  createFederatedCredentials,
  createGcpProof,
  findGoogleCredentials,
} from "../../../../shared/platforms/gcp/credentials.ts";
import { serveGoogleTokens, serveMetadata } from "../../../support/identity/gcp.ts";
import { createIssuer, type Issuer } from "../../../support/identity/issuer.ts";
import { json, serve, type TestServer } from "../../../support/identity/server.ts";

const PROVIDER = "projects/1/locations/global/workloadIdentityPools/genops/providers/azure";
const servers: TestServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((each) => each.close()));
});

/** An Azure function that asks Google. */
async function ask(options: { serviceAccount?: string; token?: () => Promise<string>; down?: boolean }) {
  const issuer = await createIssuer("https://sts.windows.net/t/");
  const oidc = { issuer: issuer.issuer, jwks: issuer.jwks, audience: "api://genops", subject: "o" };
  const google = await serveGoogleTokens({ provider: PROVIDER, oidc, impersonates: "a@p.iam.gserviceaccount.com" });
  servers.push(google);
  if (options.down === true) await google.close();
  const client = createFederatedCredentials({
    workloadIdentityProvider: PROVIDER,
    serviceAccount: options.serviceAccount,
    audience: "api://genops",
    proof: { home: "azure", token: options.token ?? (() => issuer.sign({ subject: "o", audience: "api://genops" })) },
    endpoints: { sts: google.url, iam: google.url },
  });
  return (await client.getAccessToken()).token;
}

describe("Google credentials for another cloud's function", () => {
  it("are the pool's own, or a service account's", async () => {
    expect(await ask({})).toBe("token of the pool's principal");
    expect(await ask({ serviceAccount: "a@p.iam.gserviceaccount.com" })).toBe("token of a@p.iam.gserviceaccount.com");
  });

  it("are refused where the pool may not impersonate", async () => {
    await expect(ask({ serviceAccount: "b@p.iam.gserviceaccount.com" })).rejects.toMatchObject({
      code: "config",
      place: { field: "credentials.gcp.serviceAccount" },
      message: expect.stringMatching(
        /b@p.iam.*iam.serviceAccounts.getAccessToken.*roles\/iam.workloadIdentityUser/,
      ) as string,
    });
  });

  it("are missing when this cloud proves nothing", async () => {
    const token = () => Promise.reject(new Error("no managed identity"));
    await expect(ask({ token })).rejects.toThrow(
      /azure → gcp: .*no proof of identity: no managed identity.*credentials.gcp.audience/,
    );
  });

  it("are missing while Google does not answer, and may come later", async () => {
    await expect(ask({ down: true })).rejects.toMatchObject({ code: "unavailable", retryable: true });
  });
});

describe("a function's identity at Google", () => {
  async function atHome(issuer: Issuer): Promise<TestServer> {
    const metadata = await serveMetadata({ issuer, subject: "1" });
    servers.push(metadata);
    vi.stubEnv("GCE_METADATA_HOST", metadata.url.replace("http://", ""));
    vi.stubEnv("METADATA_SERVER_DETECTION", "assume-present");
    vi.stubEnv("GOOGLE_CLOUD_PROJECT", "home-project");
    return metadata;
  }

  it("is an ID token of the metadata server for one audience", async () => {
    const metadata = await atHome(await createIssuer("https://accounts.google.com"));
    expect(await createGcpProof().token("genops")).toMatch(/^eyJ/);
    expect(metadata.asked.at(-1)?.url.searchParams.get("audience")).toBe("genops");
  });

  it("opens Google's APIs without a proof", async () => {
    await atHome(await createIssuer("https://accounts.google.com"));
    expect((await (await findGoogleCredentials()).getAccessToken()).token).toBe("token of the function");
  });

  it("is missing where there is no metadata server", async () => {
    const closed = await serve(() => json(200, {}));
    await closed.close();
    vi.stubEnv("GCE_METADATA_HOST", closed.url.replace("http://", ""));
    vi.stubEnv("METADATA_SERVER_DETECTION", "none");
    vi.stubEnv("HOME", "/nonexistent");
    await expect(createGcpProof().token("genops")).rejects.toThrow(/credentials/);
  });
});
