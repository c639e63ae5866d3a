import { vi } from "vitest";
import type { Cloud } from "../../../shared/ports/credentials.ts";
import type { CredentialsOptions } from "../../../shared/usecases/open-credentials.ts";
import { type AwsSts, serveAwsSts } from "./aws.ts";
import { serveEntra, serveManagedIdentity } from "./azure.ts";
import { createCertificate } from "./certificate.ts";
import { serveGoogleTokens, serveMetadata } from "./gcp.ts";
import { createIssuer, type Issuer, type Trust } from "./issuer.ts";
import type { TestServer } from "./server.ts";

export const ROLE = "arn:aws:iam::123456789012:role/genops";
export const TENANT = "11111111-1111-1111-1111-111111111111";
export const CLIENT = "22222222-2222-2222-2222-222222222222";
export const ACCOUNT = "genops@p-1.iam.gserviceaccount.com";
export const PROVIDER = "projects/123/locations/global/workloadIdentityPools/genops/providers/home";
const APP_ID_URI = "api://genops";

/** Who the function is at home. */
export const SUBJECTS: Readonly<Record<Cloud, string>> = {
  aws: "arn:aws:iam::210987654321:role/collect",
  azure: "33333333-3333-3333-3333-333333333333",
  gcp: "104857600000000000001",
};

/** What the proof is made out to, per cloud that it is shown to. */
export const AUDIENCES: Readonly<Record<Cloud, string>> = {
  aws: APP_ID_URI,
  azure: "api://AzureADTokenExchange",
  gcp: APP_ID_URI,
};

export const ISSUERS: Readonly<Record<Cloud, string>> = {
  aws: "https://a1b2c3.tokens.sts.global.api.aws",
  azure: `https://sts.windows.net/${TENANT}/`,
  gcp: "https://accounts.google.com",
};

/** What does not fit: in the other cloud's trust, or its clock (two hours ahead). */
export type Fault = "audience" | "subject" | "issuer" | "key" | "expired";

export interface Direction {
  home: Cloud;
  target: Cloud;
  fault?: Fault;
}

const TWO_HOURS_MS = 7_200_000;
const SESSION = {
  secretAccessKey: "home-secret",
  sessionToken: "home-session",
  arn: "arn:aws:sts::210987654321:assumed-role/collect/collect",
  role: SUBJECTS.aws,
};

/** What `serveAwsSts` hands out for the role. */
const FEDERATED = {
  secretAccessKey: "federated",
  sessionToken: "session",
  arn: "arn:aws:sts::123456789012:assumed-role/genops/genops",
  role: ROLE,
};

/** One key per cloud and process, as in life: the managed identity's tokens are kept in the process, too. */
const issuers = new Map<Cloud, Promise<Issuer>>();

function issuerOf(home: Cloud): Promise<Issuer> {
  const issuer = issuers.get(home) ?? createIssuer(ISSUERS[home]);
  issuers.set(home, issuer);
  return issuer;
}

/** Both clouds of a direction, the environment that a function has at home, and how GenOps is configured for the other one. */
export async function startTwoClouds(direction: Direction): Promise<CredentialsOptions & { close(): Promise<void> }> {
  const { home, target, fault } = direction;
  const issuer = await issuerOf(home);
  const trust = await trustOf(direction, issuer);
  const now = () => new Date(Date.now() + (fault === "expired" ? TWO_HOURS_MS : 0));
  const running: TestServer[] = [];
  const keep = async <T extends TestServer>(server: Promise<T>): Promise<T> => {
    running.push(await server);
    return server;
  };
  const sts = await startHome(home, issuer, keep);
  const options = {
    home,
    allowStaticCredentials: false,
    environment: {},
    clock: { now: () => new Date() },
    close: async () => void (await Promise.all(running.map((server) => server.close()))),
  };
  if (target === "aws") {
    const other = await keep(
      serveAwsSts({ roles: { [ROLE]: trust }, sessions: { ASIAFEDERATED0000001: FEDERATED }, now }),
    );
    vi.stubEnv("AWS_ENDPOINT_URL_STS", other.url);
    const aws = { kind: "federated", roleArn: ROLE, region: "eu-central-1", audience: APP_ID_URI } as const;
    return { ...options, credentials: { aws } };
  }
  if (target === "azure") {
    const certificate = createCertificate();
    const entra = await keep(serveEntra({ tenantId: TENANT, clientId: CLIENT, trust, now }, certificate));
    return {
      ...options,
      credentials: { azure: { kind: "federated", tenantId: TENANT, clientId: CLIENT } },
      endpoints: { entra: { authorityHost: entra.url, tlsOptions: { ca: certificate.cert } } },
    };
  }
  const wrongResource = home === "aws" && fault === "audience";
  const google = await keep(
    serveGoogleTokens({
      provider: wrongResource ? `${PROVIDER}-2` : PROVIDER,
      ...(sts === undefined
        ? { oidc: trust }
        : { aws: { sts: await asksAws(direction, now, keep), role: fault === "subject" ? "other" : "collect" } }),
      impersonates: ACCOUNT,
      now,
    }),
  );
  const gcp = { workloadIdentityProvider: PROVIDER, serviceAccount: ACCOUNT, audience: APP_ID_URI };
  return {
    ...options,
    credentials: { gcp: { kind: "federated", ...gcp } },
    endpoints: { google: { sts: google.url, iam: google.url } },
  };
}

async function trustOf({ home, target, fault }: Direction, issuer: Issuer): Promise<Trust> {
  return {
    issuer: fault === "issuer" ? "https://somebody-else.example.com" : issuer.issuer,
    jwks: fault === "key" ? (await createIssuer(issuer.issuer)).jwks : issuer.jwks,
    audience: fault === "audience" ? "somebody-else" : AUDIENCES[target],
    subject: fault === "subject" ? "somebody-else" : SUBJECTS[home],
  };
}

type Keep = <T extends TestServer>(server: Promise<T>) => Promise<T>;

async function startHome(home: Cloud, issuer: Issuer, keep: Keep): Promise<AwsSts | undefined> {
  if (home === "aws") {
    const sts = await keep(serveAwsSts({ sessions: { ASIAHOME000000000001: SESSION }, outbound: issuer }));
    vi.stubEnv("AWS_ENDPOINT_URL_STS", sts.url);
    vi.stubEnv("AWS_REGION", "us-west-2");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "ASIAHOME000000000001");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", SESSION.secretAccessKey);
    vi.stubEnv("AWS_SESSION_TOKEN", SESSION.sessionToken);
    return sts;
  }
  if (home === "azure") {
    await startManagedIdentity();
    return undefined;
  }
  const metadata = await keep(serveMetadata({ issuer, subject: SUBJECTS.gcp }));
  vi.stubEnv("GCE_METADATA_HOST", metadata.url.replace("http://", ""));
  vi.stubEnv("METADATA_SERVER_DETECTION", "assume-present");
  vi.stubEnv("GOOGLE_CLOUD_PROJECT", "home-project");
  return undefined;
}

let endpoint: Promise<TestServer> | undefined;

/** A function app's surroundings. One endpoint per process: the client library never looks for another one. */
export async function startManagedIdentity(): Promise<void> {
  endpoint ??= issuerOf("azure").then((issuer) =>
    serveManagedIdentity({
      issuer,
      subject: SUBJECTS.azure,
      resources: [APP_ID_URI, "https://management.azure.com"],
      secret: "header",
    }),
  );
  vi.stubEnv("IDENTITY_ENDPOINT", `${(await endpoint).url}/msi/token`);
  vi.stubEnv("IDENTITY_HEADER", "header");
}

/** The STS that Google asks about a signed request; with a wrong key it knows another secret for the same id. */
function asksAws({ fault }: Direction, now: () => Date, keep: Keep): Promise<AwsSts> {
  const session = fault === "key" ? { ...SESSION, secretAccessKey: "another" } : SESSION;
  return keep(serveAwsSts({ sessions: { ASIAHOME000000000001: session }, now }));
}
