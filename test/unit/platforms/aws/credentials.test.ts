import { afterEach, describe, expect, it, vi } from "vitest";
import { createAwsKeys, createAwsProof } from "../../../../shared/platforms/aws/credentials.ts";
import { type AwsSts, serveAwsSts } from "../../../support/identity/aws.ts";
import { createIssuer } from "../../../support/identity/issuer.ts";
import { serve } from "../../../support/identity/server.ts";

const SESSION = {
  secretAccessKey: "s",
  sessionToken: "t",
  arn: "arn:aws:sts::1:assumed-role/a/a",
  role: "arn:aws:iam::1:role/a",
};
let sts: AwsSts | undefined;

afterEach(async () => sts?.close());

function signIn(): void {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "ASIAX");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s");
  vi.stubEnv("AWS_SESSION_TOKEN", "t");
}

describe("a function's identity in AWS", () => {
  it("is a JWT of the account's own issuer, for one audience", async () => {
    signIn();
    sts = await serveAwsSts({
      sessions: { ASIAX: SESSION },
      outbound: await createIssuer("https://x.tokens.sts.global.api.aws"),
    });
    const proof = createAwsProof({ region: "eu-west-1", endpoint: sts.url });
    expect(await proof.token("api://AzureADTokenExchange")).toMatch(/^eyJ/);
    expect(await proof.region()).toBe("eu-west-1");
    expect(await proof.keys()).toMatchObject({ accessKeyId: "ASIAX", sessionToken: "t" });
    expect(Object.fromEntries(new URLSearchParams(sts.asked[0]?.body))).toMatchObject({
      Action: "GetWebIdentityToken",
      "Audience.member.1": "api://AzureADTokenExchange",
      SigningAlgorithm: "RS256",
      DurationSeconds: "300",
    });
  });

  it("cannot be proved before outbound federation is enabled", async () => {
    signIn();
    sts = await serveAwsSts({ sessions: { ASIAX: SESSION } });
    const proof = createAwsProof({ region: "eu-west-1", endpoint: sts.url });
    await expect(proof.token("a")).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining("aws iam enable-outbound-web-identity-federation") as string,
    });
  });

  it.each([
    [503, "<html/>"],
    [
      400,
      "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>m</Message></Error></ErrorResponse>",
    ],
  ])("may be proved later while STS does not judge (%d)", async (status, body) => {
    signIn();
    vi.stubEnv("AWS_MAX_ATTEMPTS", "1");
    const busy = await serve(() => ({ status, headers: { "content-type": "text/xml" }, body }));
    const proof = createAwsProof({ region: "eu-west-1", endpoint: busy.url });
    await expect(proof.token("a")).rejects.toMatchObject({ code: "unavailable", retryable: true });
    await busy.close();
  });

  it("signs with the keys that the SDK finds", async () => {
    signIn();
    expect(await createAwsKeys({ region: "eu-west-1" })()).toMatchObject({
      accessKeyId: "ASIAX",
      secretAccessKey: "s",
    });
  });
});
