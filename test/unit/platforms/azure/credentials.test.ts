import { afterEach, describe, expect, it, vi } from "vitest";
import { createAzureProof, createFederatedTokens } from "../../../../shared/platforms/azure/credentials.ts";
import { serveEntra, serveManagedIdentity } from "../../../support/identity/azure.ts";
import { createCertificate } from "../../../support/identity/certificate.ts";
import { createIssuer } from "../../../support/identity/issuer.ts";
import { json, serve, type TestServer } from "../../../support/identity/server.ts";

const TENANT = "11111111-1111-1111-1111-111111111111";
const CLIENT = "22222222-2222-2222-2222-222222222222";
const AUDIENCE = "api://AzureADTokenExchange";
const certificate = createCertificate();
let server: TestServer | undefined;

afterEach(async () => server?.close());

function discovery(host: string) {
  const base = `https://${host}/${TENANT}`;
  return json(200, { issuer: base, token_endpoint: `${base}/token`, authorization_endpoint: base, jwks_uri: base });
}

interface Asked {
  tenantId?: string;
  clientId?: string;
  token?: () => Promise<string>;
}

/** A Google function that asks Entra. */
async function ask({ tenantId = TENANT, clientId = CLIENT, token }: Asked, authorityHost?: string) {
  const issuer = await createIssuer("https://accounts.google.com");
  const trust = { issuer: issuer.issuer, jwks: issuer.jwks, audience: AUDIENCE, subject: "1" };
  server = await serveEntra({ tenantId: TENANT, clientId: CLIENT, trust }, certificate);
  return createFederatedTokens({
    tenantId,
    clientId,
    authorityHost: authorityHost ?? server.url,
    tlsOptions: { ca: certificate.cert },
    proof: { home: "gcp", token: token ?? ((audience) => issuer.sign({ subject: "1", audience })) },
  }).getToken("https://storage.azure.com/.default");
}

describe("tokens of an Entra application for another cloud's function", () => {
  it("come with their end", async () => {
    const { token, expiresOnTimestamp } = await ask({});
    expect(token).toContain("https://storage.azure.com/.default");
    expect(expiresOnTimestamp).toBeGreaterThan(Date.now());
  });

  it.each([
    [{ tenantId: "99999999-1111-1111-1111-111111111111" }, /AADSTS90002.*compare credentials.azure.tenantId/s],
    [
      { clientId: "99999999-1111-1111-1111-111111111111" },
      /AADSTS700016.*compare credentials.azure.clientId and tenantId/s,
    ],
    [{ token: async () => "opaque" }, /AADSTS|Entra/],
    [
      { token: () => Promise.reject(new Error("no metadata server")) },
      /gcp → azure: .*gave no proof of identity: no metadata server/,
    ],
  ])("are refused for %j with what to compare", async (asked, message) => {
    await expect(ask(asked)).rejects.toThrow(message);
  });

  it.each([
    [403, "<html>the proxy says no</html>"],
    [400, JSON.stringify({ error: "x", error_description: "AADSTS90033: A transient error has occurred." })],
  ])("are missing while Entra does not really answer (%d), and may come later", async (status, body) => {
    const busy = await serve(
      ({ url }) => (url.pathname.endsWith("/token") ? { status, body } : discovery(url.host)),
      certificate,
    );
    try {
      await expect(ask({}, busy.url)).rejects.toMatchObject({ code: "unavailable", retryable: true });
    } finally {
      await busy.close();
    }
  });
});

describe("a function's identity in Azure", () => {
  it("is missing for an App ID URI that the tenant does not know", async () => {
    const issuer = await createIssuer("https://sts.windows.net/t/");
    server = await serveManagedIdentity({ issuer, subject: "o", resources: ["api://known"], secret: "h" });
    vi.stubEnv("IDENTITY_ENDPOINT", `${server.url}/msi/token`);
    vi.stubEnv("IDENTITY_HEADER", "h");
    await expect(createAzureProof().token("api://unknown")).rejects.toThrow(/api:\/\/unknown|400/);
    expect(await createAzureProof("another").token("api://known")).toMatch(/^eyJ/);
    expect(server.asked.at(-1)?.url.searchParams.get("client_id")).toBe("another");
  });
});
