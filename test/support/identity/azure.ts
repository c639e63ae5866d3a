import type { Certificate } from "./certificate.ts";
import { type Issuer, judge, type Trust } from "./issuer.ts";
import { type Asked, json, type Reply, serve, type TestServer } from "./server.ts";

export interface EntraOptions {
  tenantId: string;
  clientId: string;
  /** The application's federated credential. */
  trust: Trust;
  now?: () => Date;
}

/** Entra's token endpoint: a foreign token against a federated credential (issuer, subject and audience must match exactly). */
export function serveEntra(options: EntraOptions, certificate: Certificate): Promise<TestServer> {
  return serve((asked) => answerEntra(asked, options), certificate);
}

const FAULTS = {
  issuer: "AADSTS700211: No matching federated identity record found for presented assertion issuer.",
  subject: "AADSTS700213: No matching federated identity record found for presented assertion subject.",
  audience: "AADSTS700212: No matching federated identity record found for presented assertion audience.",
  signature: "AADSTS700027: The certificate with identifier used to sign the client assertion is not registered.",
  expired: "AADSTS700024: Client assertion is not within its valid time range.",
} as const;

async function answerEntra({ url, body }: Asked, options: EntraOptions): Promise<Reply> {
  const base = `https://${url.host}/${options.tenantId}`;
  if (url.pathname.endsWith("/.well-known/openid-configuration")) {
    return json(200, {
      issuer: `${base}/v2.0`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
    });
  }
  const form = new URLSearchParams(body);
  if (url.pathname !== `/${options.tenantId}/oauth2/v2.0/token`) return refuse("AADSTS90002: Tenant not found.");
  if (form.get("client_id") !== options.clientId)
    return refuse("AADSTS700016: Application was not found in the directory.");
  if (form.get("client_assertion_type") !== "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    return refuse("AADSTS7000218: The request body must contain client_assertion.");
  const verdict = await judge(form.get("client_assertion") ?? "", options.trust, options.now?.() ?? new Date());
  if (verdict.fault !== undefined) return refuse(FAULTS[verdict.fault]);
  return json(200, { token_type: "Bearer", expires_in: 3599, access_token: `entra for ${form.get("scope")}` });
}

function refuse(description: string): Reply {
  return json(400, {
    error: "unauthorized_client",
    error_description: `${description}\r\nTrace ID: 0\r\nTimestamp: 0`,
  });
}

/** Client id of an identity that the function app does not have. */
export const UNASSIGNED = "00000000-0000-0000-0000-000000000000";

export interface ManagedIdentityOptions {
  issuer: Issuer;
  /** The identity's object id. */
  subject: string;
  /** App ID URIs that exist in the tenant. */
  resources: readonly string[];
  /** What must be in the header, as in the environment. */
  secret: string;
}

/** The managed identity endpoint of a function app (`IDENTITY_ENDPOINT`). */
export function serveManagedIdentity({
  issuer,
  subject,
  resources,
  secret,
}: ManagedIdentityOptions): Promise<TestServer> {
  return serve(async ({ url, headers }) => {
    const resource = url.searchParams.get("resource") ?? "";
    if (headers["x-identity-header"] !== secret) return json(401, { statusCode: 401, message: "no identity header" });
    if (!resources.includes(resource))
      return json(400, {
        statusCode: 400,
        message: `AADSTS500011: The resource principal named ${resource} was not found`,
      });
    if (url.searchParams.get("client_id") === UNASSIGNED)
      return json(400, { statusCode: 400, message: "No User Assigned or Delegated Managed Identity found" });
    const token = await issuer.sign({ subject, audience: resource });
    const expires = String(Math.floor(Date.now() / 1000) + 86_400);
    return json(200, { access_token: token, expires_on: expires, resource, token_type: "Bearer", client_id: "c" });
  });
}
