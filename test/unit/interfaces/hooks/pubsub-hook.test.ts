import type { JWTPayload } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createInternet, type Internet } from "../../../support/internet.ts";
import { fixture } from "../../governance/inbound-alerts/alerts.ts";
import { hookHouse, requestOf } from "./support.ts";
import { createIssuer, type TestIssuer } from "./tokens.ts";

const SUBSCRIPTION = "projects/acme/subscriptions/budgets";
const ACCOUNT = "push@acme.iam.gserviceaccount.com";
const AUDIENCE = "https://genops.example.com/hooks/pubsub";
const CONFIGURED = { subscriptions: [SUBSCRIPTION], audience: AUDIENCE, serviceAccount: ACCOUNT };
const CLAIMS: JWTPayload = { iss: "https://accounts.google.com", aud: AUDIENCE, email: ACCOUNT, email_verified: true };

let google: TestIssuer;
let internet: Internet;
beforeAll(async () => {
  google = await createIssuer();
  internet = await createInternet((url) =>
    url.href === "https://www.googleapis.com/oauth2/v3/certs" ? { body: google.keys } : undefined,
  );
});
afterAll(() => internet.close());

function push(fields: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    message: {
      data: Buffer.from(fixture("google-budget.json")).toString("base64"),
      attributes: {
        budgetId: "b-1",
        billingAccountId: "01ABCD-234567-89EFAB",
        schemaVersion: "1.0",
        subscription: "projects/evil/subscriptions/x",
      },
      messageId: "7",
      publishTime: "2026-11-22T05:59:00Z",
    },
    subscription: SUBSCRIPTION,
    ...fields,
  });
}

function house(pubsub: Parameters<typeof hookHouse>[0]["pubsub"] = CONFIGURED) {
  const made = hookHouse(pubsub === undefined ? {} : { pubsub }, internet.fetch);
  const post = async (claims: JWTPayload = CLAIMS, body = push(), expiresAt = "2026-11-22T07:00:00Z") =>
    made.hooks.pubsub(requestOf(body, { authorization: `Bearer ${await google.token(claims, { expiresAt })}` }));
  return { ...made, post };
}

describe("the hook of Pub/Sub", () => {
  it("hands on the message of a push that Google signed", async () => {
    const { post, published } = house();
    expect((await post()).status).toBe("accepted");
    expect(published).toMatchObject([
      {
        id: "gcp-budget/7",
        data: {
          from: "gcp-budget",
          deliveryId: "7",
          sentAt: "2026-11-22T05:59:00Z",
          attributes: { budgetId: "b-1", subscription: SUBSCRIPTION },
          message: fixture("google-budget.json"),
        },
      },
    ]);
  });

  it.each<[string, JWTPayload]>([
    ["another issuer", { ...CLAIMS, iss: "https://accounts.example.com" }],
    ["another audience", { ...CLAIMS, aud: "https://other.example.com" }],
    ["another account", { ...CLAIMS, email: "other@acme.iam.gserviceaccount.com" }],
    ["an address that is not verified", { ...CLAIMS, email_verified: false }],
    ["an address verified in words", { ...CLAIMS, email_verified: "true" }],
    ["nobody", { ...CLAIMS, email: undefined }],
  ])("refuses a token of %s", async (_what, claims) => {
    const { post, published } = house();
    expect((await post(claims)).status).toBe("refused");
    expect(published).toEqual([]);
  });

  it("refuses an expired token, no token and a subscription that is not listed", async () => {
    const { hooks, post } = house();
    const answers = [
      await post(CLAIMS, push(), "2026-11-22T05:58:00Z"),
      await hooks.pubsub(requestOf(push())),
      await post(CLAIMS, push({ subscription: "projects/acme/subscriptions/other" })),
    ];
    expect(answers.map(({ status }) => status)).toEqual(["refused", "refused", "refused"]);
  });

  it.each(["", "hello", "{}", '{"message":"x"}', '{"message":{}}'])("says of %j that it is no push", async (body) => {
    expect((await house().post(CLAIMS, body)).status).toBe("malformed");
  });

  it("hands on data that is none, as it came", async () => {
    const { post, published } = house();
    await post(CLAIMS, push({ message: { data: 7, messageId: "8" } }));
    expect(published[0]?.data).toMatchObject({ from: "gcp-budget", message: { message: { data: 7 } } });
  });

  it.each([{ subscriptions: [] }, { subscriptions: [SUBSCRIPTION] }])("says what to set up for %j", async (pubsub) => {
    const answer = await house(pubsub).post();
    expect([answer.status, answer.detail]).toEqual([
      "unconfigured",
      expect.stringContaining("alerts.pubsub.subscriptions") as string,
    ]);
  });
});
