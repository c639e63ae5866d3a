import { afterEach, describe, expect, it } from "vitest";
import { GenOpsError } from "../../../shared/core/errors.ts";
import type { Cloud } from "../../../shared/ports/credentials.ts";
import { type CredentialsOptions, openCredentials } from "../../../shared/usecases/open-credentials.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import {
  ACCOUNT,
  AUDIENCES,
  CLIENT,
  type Direction,
  ISSUERS,
  PROVIDER,
  ROLE,
  SUBJECTS,
  startTwoClouds,
  TENANT,
} from "../../support/identity/two-clouds.ts";

let close: (() => Promise<void>) | undefined;

afterEach(async () => {
  await close?.();
  close = undefined;
});

async function start(direction: Direction): Promise<CredentialsOptions> {
  const clouds = await startTwoClouds(direction);
  close = clouds.close;
  return clouds;
}

/** What a client of the target cloud would send. */
async function credentialFor(target: Cloud, options: CredentialsOptions): Promise<string | undefined> {
  const credentials = openCredentials(options);
  if (target === "aws") return (await (await credentials.aws()).credentials?.())?.accessKeyId;
  if (target === "azure") return (await (await credentials.azure())?.getToken("https://a.example/.default"))?.token;
  return (await (await credentials.gcp())?.getRequestHeaders())?.get("authorization") ?? undefined;
}

async function failure(direction: Direction): Promise<GenOpsError> {
  const options = await start(direction);
  const error: unknown = await credentialFor(direction.target, options).catch((thrown: unknown) => thrown);
  if (error instanceof GenOpsError) return error;
  throw new Error(`no error of ours: ${String(error)}`);
}

const DIRECTIONS: readonly { home: Cloud; target: Cloud }[] = [
  { home: "gcp", target: "aws" },
  { home: "azure", target: "aws" },
  { home: "aws", target: "azure" },
  { home: "gcp", target: "azure" },
  { home: "aws", target: "gcp" },
  { home: "azure", target: "gcp" },
];

const GIVEN: Readonly<Record<Cloud, string>> = {
  aws: "ASIAFEDERATED0000001",
  azure: "entra for https://a.example/.default",
  gcp: `Bearer token of ${ACCOUNT}`,
};

const TARGETS: Readonly<Record<Cloud, string>> = {
  aws: `role ${ROLE}`,
  azure: `application ${CLIENT} in tenant ${TENANT}`,
  gcp: `service account ${ACCOUNT} through workload identity provider ${PROVIDER}`,
};

const FIELDS: Readonly<Record<Cloud, string>> = {
  aws: "credentials.aws.roleArn",
  azure: "credentials.azure.clientId",
  gcp: "credentials.gcp.workloadIdentityProvider",
};

const TRUST: Readonly<Record<Cloud, RegExp>> = {
  aws: /trust policy|OIDC provider|look at the clock/,
  azure: /federated credential|look at the clock/,
  gcp: /provider must be an (AWS|OIDC) provider/,
};

describe.each(DIRECTIONS)("$home → $target without a key", ({ home, target }) => {
  it("exchanges the function's identity through the real client libraries", async () => {
    expect(await credentialFor(target, await start({ home, target }))).toBe(GIVEN[target]);
  });

  it.each(["audience", "subject", "key", "expired"] as const)(
    "is refused when the %s does not fit, and says what to fix",
    async (fault) => {
      const error = await failure({ home, target, fault });
      expect(error.message).toContain(`${home} → ${target}: no credentials for ${TARGETS[target]}`);
      expect(error.message).toMatch(TRUST[target]);
      expect([error.code, error.retryable, error.place.field]).toEqual(["config", false, FIELDS[target]]);
    },
  );
});

describe.each(DIRECTIONS.filter(({ home, target }) => home !== "aws" || target !== "gcp"))(
  "$home → $target by a token",
  ({ home, target }) => {
    it("names what was presented, and never the token", async () => {
      const { message } = await failure({ home, target, fault: "issuer" });
      expect(message).toContain(`issuer "${ISSUERS[home]}"`);
      expect(message).toContain(`subject "${SUBJECTS[home]}"`);
      expect(message).toContain(`audience "${AUDIENCES[target]}"`);
      expect(message).not.toContain("eyJ");
    });
  },
);

const NOTHING = { credentials: {}, allowStaticCredentials: false, environment: {}, clock: createFakeClock() } as const;

describe("credentials of a process", () => {
  it.each(["aws", "gcp", "local"] as const)("are left to the SDKs at home (%s)", async (home) => {
    const credentials = openCredentials({ ...NOTHING, home });
    if (home !== "gcp") expect(await credentials.aws()).toEqual({});
    if (home !== "aws") expect(await credentials.gcp()).toBeUndefined();
    if (home === "local") expect(await credentials.azure()).toBeUndefined();
    expect(credentials.home).toBe(home);
  });

  it("are the managed identity's in Azure", async () => {
    await start({ home: "azure", target: "aws" });
    const tokens = await openCredentials({ ...NOTHING, home: "azure" }).azure();
    expect((await tokens?.getToken("api://genops/.default"))?.token).toMatch(/^eyJ/);
  });

  it("are missing where another cloud is not configured, and the message says which keys to set", async () => {
    const { aws, gcp } = openCredentials({ ...NOTHING, home: "azure" });
    const { azure } = openCredentials({ ...NOTHING, home: "aws" });
    await expect(aws()).rejects.toThrow(/runs in azure and has no way into aws: set credentials.aws \(roleArn\)/);
    await expect(gcp()).rejects.toThrow(/no way into gcp: set credentials.gcp \(workloadIdentityProvider\)/);
    await expect(azure()).rejects.toThrow(/no way into azure: set credentials.azure \(tenantId and clientId\)/);
  });

  it("are refused while the environment holds keys for that cloud", async () => {
    const environment = { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AZURE_CLIENT_SECRET: "hush" };
    const { aws, azure, gcp } = openCredentials({ ...NOTHING, home: "local", environment });
    await expect(aws()).rejects.toThrow(/AWS_ACCESS_KEY_ID \(an AWS access key\)/);
    await expect(azure()).rejects.toThrow(/AZURE_CLIENT_SECRET \(a client secret\)/);
    expect(await gcp()).toBeUndefined();
  });

  it("may be keys in development: configured ones, or what the SDK finds", async () => {
    const development = { ...NOTHING, home: "gcp", allowStaticCredentials: true } as const;
    expect(await openCredentials(development).aws()).toEqual({});
    expect(await openCredentials(development).azure()).toBeUndefined();
    expect(await openCredentials({ ...development, home: "aws" }).gcp()).toBeUndefined();
    const keys = { accessKeyId: "AKIAX", secretAccessKey: "s" };
    const configured = openCredentials({
      ...development,
      credentials: {
        aws: { kind: "static", ...keys, region: "eu-west-1" },
        azure: { kind: "static", tenantId: TENANT, clientId: CLIENT, clientSecret: "s" },
        gcp: { kind: "static", keyFile: "/nowhere/key.json" },
      },
    });
    const { region, credentials } = await configured.aws();
    expect([region, await credentials?.()]).toEqual(["eu-west-1", keys]);
    expect(await configured.azure()).toBeDefined();
    await expect((await configured.gcp())?.getAccessToken()).rejects.toThrow(/key.json/);
  });

  it.each(["aws", "gcp"] as const)("from Azure to %s need the App ID URI of the proof", async (target) => {
    const credentials = openCredentials({
      ...NOTHING,
      home: "azure",
      credentials: {
        aws: { kind: "federated", roleArn: ROLE },
        gcp: { kind: "federated", workloadIdentityProvider: PROVIDER },
      },
    });
    await expect(credentials[target]()).rejects.toMatchObject({
      message: expect.stringContaining("App ID URI") as string,
      place: { field: `credentials.${target}.audience` },
    });
  });
});
