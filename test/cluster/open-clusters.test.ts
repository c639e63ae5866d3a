import { afterEach, expect, inject, it } from "vitest";
import { createSystemClock, createSystemRandomness } from "../../shared/platforms/local/system.ts";
import type { AwsKeys } from "../../shared/ports/credentials.ts";
import { openCluster } from "../../shared/usecases/open-clusters.ts";
import type { Credentials } from "../../shared/usecases/open-credentials.ts";
import { json, serve, type TestServer } from "../support/identity/server.ts";

/** A cluster on EKS from its name to an answer: described by a stub of EKS, asked with signatures that a real API server has checked. */

const { aws } = inject("clusters");
const LAG_MS = 16 * 60_000;
const running: TestServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()));
});

/** `lagging`: so many signatures are made by a clock that is 16 minutes late: what they sign has ended. */
async function open(lagging: number) {
  const data = Buffer.from(aws.ca).toString("base64");
  const eks = await serve(() => json(200, { cluster: { endpoint: aws.server, certificateAuthority: { data } } }));
  running.push(eks);
  let signatures = 0;
  const keys = async (): Promise<AwsKeys> => {
    signatures++;
    return aws.awsKeys;
  };
  const system = createSystemClock();
  const clock = {
    ...system,
    now: () => new Date(system.now().getTime() - (signatures <= lagging ? LAG_MS : 0)),
  };
  const nowhere = async () => undefined;
  const credentials: Credentials = {
    home: "aws",
    aws: async () => ({ region: aws.region, credentials: keys }),
    azure: nowhere,
    gcp: nowhere,
  };
  const deps = {
    credentials,
    allowStaticCredentials: false,
    baseDir: "/",
    environment: {},
    clock,
    randomness: createSystemRandomness(),
    version: "test",
    runId: "open",
  };
  const config = { name: "prod", provider: "eks", cluster: aws.name, region: aws.region, eksUrl: eks.url } as const;
  const client = await openCluster(config, deps, { dryRun: true });
  return { client, signatures: () => signatures };
}

it("is answered with a token of our own making", async () => {
  const { client, signatures } = await open(0);
  expect(await client.version()).toBe(aws.version);
  await client.version();
  // One for EKS's API, one token for all calls.
  expect(signatures()).toBe(2);
});

it("makes a new token when the server does not take one that has ended", async () => {
  const { client, signatures } = await open(2);
  expect(await client.version()).toBe(aws.version);
  expect(signatures()).toBe(3);
});

it("says that the server does not know us when the new one is not taken either", async () => {
  const { client } = await open(9);
  await expect(client.version()).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(/^read the version: 401 .*\(source prod\)$/) as string,
  });
});
