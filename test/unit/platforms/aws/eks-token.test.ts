import { describe, expect, it } from "vitest";
import { createEksTokens, signEksToken } from "../../../../shared/platforms/aws/eks-token.ts";
import { checkSignature } from "../../../support/identity/sigv4.ts";

const AT = new Date("2026-11-22T06:00:00Z");

interface Sample {
  name: string;
  cluster: string;
  region: string;
  sessionToken?: string;
  signature: string;
  length: number;
}

/** `reference/kubernetes.md` §1.2, equal in botocore and two other signers. */
const GOLDEN: readonly Sample[] = [
  {
    name: "A",
    cluster: "demo",
    region: "us-west-2",
    sessionToken: "tok",
    signature: "e149af0664457c782288a17b7d39917fe1bd7f2864a290a774a3bafd55c28021",
    length: 514,
  },
  {
    name: "B",
    cluster: "demo",
    region: "us-west-2",
    signature: "5350f00d3109440a27a5bdd3f9fdea6083e8ca490a1f5309a33b6b13eaadb72f",
    length: 481,
  },
  {
    name: "C",
    cluster: "genops-eu_1",
    region: "eu-central-1",
    sessionToken: "a+b/c==",
    signature: "23feba31b572868e17be537f2650aca4fd0111fddac6fabe3b6a964a412f710e",
    length: 538,
  },
];

function optionsOf({ cluster, region, sessionToken }: Pick<Sample, "cluster" | "region" | "sessionToken">) {
  const keys = {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "x",
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
  return { cluster, region, keys: async () => keys, clock: { now: () => AT } };
}

function urlOf(token: string): URL {
  expect(token).toMatch(/^k8s-aws-v1\.[A-Za-z0-9_-]+$/);
  return new URL(Buffer.from(token.slice("k8s-aws-v1.".length), "base64url").toString("utf8"));
}

describe.each(GOLDEN)("the EKS token of golden sample $name", (sample) => {
  const { cluster, region, sessionToken, signature, length } = sample;

  it("has botocore's signature and parameters", async () => {
    const { value } = await signEksToken(optionsOf(sample));
    const { origin, pathname, searchParams } = urlOf(value);
    expect(value).toHaveLength(length);
    expect([origin, pathname]).toEqual([`https://sts.${region}.amazonaws.com`, "/"]);
    expect(Object.fromEntries(searchParams)).toEqual({
      Action: "GetCallerIdentity",
      Version: "2011-06-15",
      "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
      "X-Amz-Credential": `AKIDEXAMPLE/20261122/${region}/sts/aws4_request`,
      "X-Amz-Date": "20261122T060000Z",
      "X-Amz-Expires": "60",
      "X-Amz-SignedHeaders": "host;x-k8s-aws-id",
      "X-Amz-Signature": signature,
      ...(sessionToken === undefined ? {} : { "X-Amz-Security-Token": sessionToken }),
    });
  });

  it("is accepted by a reader that knows only the written rules", async () => {
    const url = urlOf((await signEksToken(optionsOf(sample))).value);
    const keys = { AKIDEXAMPLE: { secretAccessKey: "x", ...(sessionToken === undefined ? {} : { sessionToken }) } };
    const ask = (id: string, now: Date) =>
      checkSignature({ method: "GET", url, headers: { host: url.host, "x-k8s-aws-id": id }, body: "" }, keys, now);
    expect(ask(cluster, AT)).toEqual({ fault: undefined, accessKeyId: "AKIDEXAMPLE" });
    expect(ask("another-cluster", AT)).toEqual({ fault: "SignatureDoesNotMatch" });
    expect(ask(cluster, new Date("2026-11-22T06:15:01Z"))).toEqual({ fault: "Expired" });
  });
});

describe("EKS tokens", () => {
  it("ask the STS of the region's partition, or a configured one", async () => {
    const china = optionsOf({ cluster: "a", region: "cn-north-1" });
    const hostOf = async (options: Parameters<typeof signEksToken>[0]) =>
      urlOf((await signEksToken(options)).value).host;
    expect(await hostOf(china)).toBe("sts.cn-north-1.amazonaws.com.cn");
    expect(await hostOf({ ...china, stsHost: "sts.internal.example" })).toBe("sts.internal.example");
  });

  it("are refused when they are longer than EKS reads", async () => {
    const largest = async (length: number) =>
      signEksToken(optionsOf({ cluster: "demo", region: "us-west-2", sessionToken: "t".repeat(length) }));
    const { value } = await largest(2_650);
    expect(value.length).toBeGreaterThan(4_000);
    expect(value.length).toBeLessThanOrEqual(4_096);
    await expect(largest(2_800)).rejects.toThrow(/demo would have \d+ bytes, and EKS reads 4096/);
  });

  it("are kept for 14 minutes of the 15 they last", async () => {
    let now = AT;
    let signed = 0;
    const options = optionsOf({ cluster: "demo", region: "us-west-2" });
    const keys = () => {
      signed += 1;
      return options.keys();
    };
    const next = createEksTokens({ ...options, keys, clock: { now: () => now } });
    const first = await next();
    expect(first.expiresAt).toEqual(new Date("2026-11-22T06:15:00Z"));
    now = new Date("2026-11-22T06:13:59Z");
    expect(await next()).toBe(first);
    now = new Date("2026-11-22T06:14:00Z");
    expect((await next()).value).not.toBe(first.value);
    expect(signed).toBe(2);
  });

  it("end with the keys that signed them, and are then signed with the next ones", async () => {
    let now = AT;
    const { keys, ...options } = optionsOf({ cluster: "demo", region: "us-west-2", sessionToken: "tok" });
    const session = async () => ({ ...(await keys()), expiration: new Date("2026-11-22T06:05:00Z") });
    const next = createEksTokens({ ...options, keys: session, clock: { now: () => now } });
    const first = await next();
    expect(first.expiresAt).toEqual(new Date("2026-11-22T06:05:00Z"));
    now = new Date("2026-11-22T06:04:00Z");
    expect((await next()).value).not.toBe(first.value);
  });
});
