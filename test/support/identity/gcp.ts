import type { AwsSts } from "./aws.ts";
import { type Issuer, judge, type Trust } from "./issuer.ts";
import { type Asked, json, type Reply, serve, type TestServer } from "./server.ts";

export interface GoogleTokensOptions {
  /** `projects/…/providers/…`, without the leading host. */
  provider: string;
  /** An OIDC provider: whose tokens it takes. */
  oidc?: Trust;
  /** An AWS provider: which STS it asks, and the role that its attribute condition accepts. */
  aws?: { sts: AwsSts; role: string };
  /** The service account that the pool's principal may impersonate. */
  impersonates?: string;
  now?: () => Date;
}

const POOL_TOKEN = "token of the pool's principal";

/** Google's STS and IAM Credentials: workload identity federation with an OIDC or an AWS provider, and impersonation. */
export function serveGoogleTokens(options: GoogleTokensOptions): Promise<TestServer> {
  return serve((asked) => {
    if (asked.url.pathname === "/v1/token") return exchange(new URLSearchParams(asked.body), options);
    return impersonate(asked, options);
  });
}

async function exchange(form: URLSearchParams, options: GoogleTokensOptions): Promise<Reply> {
  const target = `//iam.googleapis.com/${options.provider}`;
  if (form.get("audience") !== target)
    return refuse("invalid_target", 'The target service indicated by the "audience" parameters is invalid.');
  const token = form.get("subject_token") ?? "";
  const refusal = form.get("subject_token_type")?.endsWith("aws4_request")
    ? awsRefusal(token, target, options)
    : await oidcRefusal(token, options);
  if (refusal !== undefined) return refusal;
  return json(200, { access_token: POOL_TOKEN, token_type: "Bearer", expires_in: 3600, issued_token_type: "x" });
}

const FAULTS = {
  issuer: ["invalid_grant", "The issuer in ID Token does not match the expected ones."],
  signature: ["invalid_grant", "Invalid JWT signature."],
  expired: ["invalid_grant", "ID Token is stale to sign-in."],
  audience: ["invalid_grant", "The audience in ID Token does not match the expected audience."],
  subject: ["unauthorized_client", "The given credential is rejected by the attribute condition."],
} as const;

async function oidcRefusal(token: string, { oidc, now }: GoogleTokensOptions): Promise<Reply | undefined> {
  if (oidc === undefined) return refuse("invalid_request", "The provider takes no ID tokens.");
  const verdict = await judge(token, oidc, now?.() ?? new Date());
  if (verdict.fault === undefined) return undefined;
  const [error, description] = FAULTS[verdict.fault];
  return refuse(error, description);
}

interface PassedOn {
  url: string;
  method: string;
  headers: { key: string; value: string }[];
}

/** Google sends the signed request on to AWS, and looks at whom AWS names. */
function awsRefusal(token: string, target: string, { aws }: GoogleTokensOptions): Reply | undefined {
  if (aws === undefined) return refuse("invalid_request", "The provider takes no AWS requests.");
  const request = JSON.parse(decodeURIComponent(token)) as PassedOn;
  const headers = Object.fromEntries(request.headers.map(({ key, value }) => [key.toLowerCase(), value]));
  if (headers["x-goog-cloud-target-resource"] !== target)
    return refuse("invalid_grant", "The request was made for another resource.");
  const url = new URL(request.url);
  if (!/^sts\.[a-z0-9-]+\.amazonaws\.com$/.test(url.hostname) || url.searchParams.get("Action") !== "GetCallerIdentity")
    return refuse("invalid_grant", "Not a GetCallerIdentity request of AWS.");
  const caller = aws.sts.callerOf({ method: request.method, url, headers, body: "" });
  if ("fault" in caller) return refuse("invalid_grant", `Received invalid AWS response of type: ${caller.fault}`);
  const role = /^arn:aws:sts::\d+:assumed-role\/([^/]+)\//.exec(caller.arn)?.[1];
  return role === aws.role ? undefined : refuse(...FAULTS.subject);
}

function impersonate({ url, headers }: Asked, { impersonates }: GoogleTokensOptions): Reply {
  const account = /\/serviceAccounts\/(.+):generateAccessToken$/.exec(decodeURIComponent(url.pathname))?.[1];
  if (headers["authorization"] !== `Bearer ${POOL_TOKEN}` || account === undefined || account !== impersonates) {
    const message = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).";
    return json(403, { error: { code: 403, message, status: "PERMISSION_DENIED" } });
  }
  return json(200, { accessToken: `token of ${account}`, expireTime: "2099-01-01T00:00:00Z" });
}

function refuse(error: string, description: string): Reply {
  return json(400, { error, error_description: description });
}

export interface MetadataOptions {
  issuer: Issuer;
  /** The service account's unique id. */
  subject: string;
}

/** The metadata server of a Google function. */
export function serveMetadata({ issuer, subject }: MetadataOptions): Promise<TestServer> {
  const flavor = { "metadata-flavor": "Google" };
  return serve(async ({ url, headers }) => {
    if (headers["metadata-flavor"] !== "Google") return { status: 403, headers: flavor, body: "" };
    if (url.pathname.endsWith("/identity")) {
      const audience = url.searchParams.get("audience") ?? "";
      const token = await issuer.sign({
        subject,
        audience,
        more: { azp: subject, email: "genops@p.iam.gserviceaccount.com" },
      });
      return { status: 200, headers: flavor, body: token };
    }
    if (url.pathname.endsWith("/token"))
      return json(200, { access_token: "token of the function", expires_in: 3599, token_type: "Bearer" }, flavor);
    if (url.pathname.endsWith("/project/project-id")) return { status: 200, headers: flavor, body: "home-project" };
    return { status: 200, headers: flavor, body: "googleapis.com" };
  });
}
