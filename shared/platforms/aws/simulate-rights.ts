import { GenOpsError } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AwsKeyProvider } from "../../ports/credentials.ts";
import { amazonDomain, regionalSts } from "./eks-token.ts";
import { sendSigned } from "./signed-request.ts";

export interface SimulationOptions {
  region: string;
  keys: AwsKeyProvider;
  clock: Pick<Clock, "now">;
  /** Instead of AWS's, for tests. */
  urls?: { sts?: string; iam?: string } | undefined;
}

export type Simulated =
  | { outcome: "allowed" }
  | { outcome: "denied"; detail: string }
  /** IAM did not say, and why. */
  | { outcome: "unknown"; detail: string };

/** Asks IAM whether this process may do `action` on `resource` (`iam:SimulatePrincipalPolicy`). Does nothing, costs nothing. */
export async function simulateRight(options: SimulationOptions, action: string, resource: string): Promise<Simulated> {
  const { region, urls = {} } = options;
  const sts = await query(options, {
    service: "sts",
    url: urls.sts ?? `https://${regionalSts(region)}`,
    parameters: { Action: "GetCallerIdentity", Version: "2011-06-15" },
  });
  const principal = principalOf(element(sts.text, "Arn"));
  if (principal === undefined) return { outcome: "unknown", detail: `STS does not say who asks: ${said(sts)}` };
  const iam = await query(options, {
    service: "iam",
    region: iamRegion(region),
    url: urls.iam ?? `https://iam.${region.startsWith("cn-") ? "cn-north-1." : ""}${amazonDomain(region)}`,
    parameters: {
      Action: "SimulatePrincipalPolicy",
      Version: "2010-05-08",
      PolicySourceArn: principal,
      "ActionNames.member.1": action,
      "ResourceArns.member.1": resource,
    },
  });
  if (iam.status !== 200) return { outcome: "unknown", detail: `iam:SimulatePrincipalPolicy: ${said(iam)}` };
  const decision = element(iam.text, "EvalDecision");
  if (decision === "allowed") return { outcome: "allowed" };
  return { outcome: "denied", detail: `${principal} may not ${action} on ${resource} (${decision})` };
}

interface Query {
  service: string;
  region?: string;
  url: string;
  parameters: Readonly<Record<string, string>>;
}

async function query({ region, keys, clock }: SimulationOptions, { service, url, parameters, ...rest }: Query) {
  return sendSigned({
    service,
    region: rest.region ?? region,
    keys,
    clock,
    url: new URL("/", url),
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(parameters).toString(),
  }).catch((error: unknown) => {
    // A simulation that cannot be had is no reason to stop: the real call tells.
    if (error instanceof GenOpsError) return { status: 0, text: error.message };
    throw error;
  });
}

/** A session's role, without its session's name. A role below a path is not found by it, and IAM says so. */
function principalOf(arn: string | undefined): string | undefined {
  const session = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn ?? "");
  return session === null ? arn : `arn:${session[1]}:iam::${session[2]}:role/${session[3]}`;
}

/** IAM is signed for one region per partition. */
function iamRegion(region: string): string {
  if (region.startsWith("cn-")) return "cn-north-1";
  return region.startsWith("us-gov-") ? "us-gov-west-1" : "us-east-1";
}

function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}

function said({ status, text }: { status: number; text: string }): string {
  return `${status === 0 ? "" : `${status} `}${element(text, "Message") ?? text.slice(0, 200)}`;
}
