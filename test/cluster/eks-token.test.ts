import { expect, inject, it } from "vitest";
import { type EksTokenOptions, signEksToken } from "../../shared/platforms/aws/eks-token.ts";
import { kubeRequest } from "../support/kube-request.ts";

/** Tokens that GenOps signs, taken by a real API server which asks an authenticator that computes the signature anew. */

const { aws } = inject("clusters");
const MINUTE_MS = 60_000;

async function nameOf(options: Partial<EksTokenOptions>, ageMs = 0): Promise<unknown> {
  const clock = { now: () => new Date(Date.now() - ageMs) };
  const mine = { cluster: aws.name, region: aws.region, keys: async () => aws.awsKeys, clock };
  const { value } = await signEksToken({ ...mine, ...options });
  const access = { ...aws, tokens: { ...aws.tokens, enforcer: value } };
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  const { status, body } = await kubeRequest(access, "POST", path, review, "enforcer");
  return status === 201 ? JSON.parse(JSON.stringify(body.status)).userInfo : status;
}

it("names GenOps and its group", async () => {
  expect(await nameOf({})).toMatchObject({
    username: "genops-enforcer",
    groups: expect.arrayContaining(["genops:enforcer"]),
  });
});

it("lasts a quarter of an hour, whatever it says itself", async () => {
  expect(await nameOf({}, 14 * MINUTE_MS)).toMatchObject({ username: "genops-enforcer" });
  expect(await nameOf({}, 16 * MINUTE_MS)).toBe(401);
});

it.each([
  ["another cluster", { cluster: "other" }],
  ["another region", { region: "eu-central-1" }],
  ["another secret", { keys: async () => ({ ...aws.awsKeys, secretAccessKey: "guessed" }) }],
  ["another role", { keys: async () => ({ ...aws.awsKeys, accessKeyId: "ASIAOTHER" }) }],
  ["another session", { keys: async () => ({ ...aws.awsKeys, sessionToken: "other" }) }],
  ["another host", { stsHost: "sts.amazonaws.com" }],
])("signed for %s is refused", async (_what, options) => {
  expect(await nameOf(options)).toBe(401);
});
