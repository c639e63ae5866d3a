import type { Issuer, Trust } from "./issuer.ts";
import { judge } from "./issuer.ts";
import { type Asked, type Reply, serve, type TestServer } from "./server.ts";
import { checkSignature, type KnownKey, type SignedRequest } from "./sigv4.ts";

/** AWS's STS as far as identity goes: it checks signatures, trust policies and times. */
export interface AwsSts extends TestServer {
  /** What GetCallerIdentity says of a signed request, for services that pass one on. */
  callerOf(request: SignedRequest): { arn: string } | { fault: string };
}

export interface AwsStsOptions {
  /** Sessions that AWS has handed out: access key id → keys, and whose they are. */
  sessions?: Readonly<Record<string, KnownKey & { arn: string; role: string }>>;
  /** Signs GetWebIdentityToken; undefined: outbound federation is off for the account. */
  outbound?: Issuer;
  /** Role → whom its trust policy lets in. Google's tokens are judged by their `azp` too. */
  roles?: Readonly<Record<string, Trust>>;
  /** Its clock. */
  now?: () => Date;
}

export async function serveAwsSts(options: AwsStsOptions): Promise<AwsSts> {
  const now = options.now ?? (() => new Date());
  const callerOf = (request: SignedRequest): { arn: string } | { fault: string } => {
    const checked = checkSignature(request, options.sessions ?? {}, now());
    if (checked.fault !== undefined) return { fault: checked.fault };
    return { arn: options.sessions?.[checked.accessKeyId]?.arn ?? "" };
  };
  const answer = async (asked: Asked): Promise<Reply> => {
    const form = new URLSearchParams(asked.body);
    const action = form.get("Action") ?? "";
    if (action === "AssumeRoleWithWebIdentity") return assumeRole(form, options, now());
    const checked = checkSignature(asked, options.sessions ?? {}, now());
    if (checked.fault !== undefined) return fault(403, checked.fault, "the request is not signed as it must be");
    const session = options.sessions?.[checked.accessKeyId];
    if (action === "GetCallerIdentity")
      return result(action, `<Arn>${session?.arn}</Arn><UserId>AROAX:genops</UserId><Account>123456789012</Account>`);
    if (options.outbound === undefined)
      return fault(400, "OutboundWebIdentityFederationDisabled", "outbound federation is not enabled for this account");
    const token = await options.outbound.sign({
      subject: session?.role ?? "",
      audience: form.get("Audience.member.1") ?? "",
    });
    return result(action, `<WebIdentityToken>${token}</WebIdentityToken><Expiration>2099-01-01T00:00:00Z</Expiration>`);
  };
  return { ...(await serve(answer)), callerOf };
}

const FAULTS = {
  issuer: [400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for this issuer"],
  signature: [400, "InvalidIdentityToken", "Couldn't verify the token's signature"],
  expired: [400, "ExpiredTokenException", "Token expired: current date/time must be before the expiration date/time"],
  audience: [400, "InvalidIdentityToken", "Incorrect token audience"],
  subject: [403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"],
} as const;

async function assumeRole(form: URLSearchParams, { roles = {} }: AwsStsOptions, now: Date): Promise<Reply> {
  const role = form.get("RoleArn") ?? "";
  const trust = roles[role];
  if (trust === undefined) return fault(...FAULTS.subject);
  const verdict = await judge(form.get("WebIdentityToken") ?? "", trust, now);
  if (verdict.fault !== undefined) {
    const [status, code, message] = FAULTS[verdict.fault];
    return fault(status, code, message);
  }
  const expiration = new Date(now.getTime() + 3_600_000).toISOString();
  const keys = `<AccessKeyId>ASIAFEDERATED0000001</AccessKeyId><SecretAccessKey>federated</SecretAccessKey><SessionToken>session</SessionToken><Expiration>${expiration}</Expiration>`;
  return result("AssumeRoleWithWebIdentity", `<Credentials>${keys}</Credentials>`);
}

function result(action: string, inner: string): Reply {
  const xmlns = "https://sts.amazonaws.com/doc/2011-06-15/";
  const body = `<${action}Response xmlns="${xmlns}"><${action}Result>${inner}</${action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`;
  return { status: 200, headers: { "content-type": "text/xml" }, body };
}

function fault(status: number, code: string, message: string): Reply {
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;
  return { status, headers: { "content-type": "text/xml" }, body };
}
