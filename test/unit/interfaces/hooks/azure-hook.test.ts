import type { JWTPayload } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AlertsConfig } from "../../../../shared/config/types.ts";
import { createInternet, type Internet } from "../../../support/internet.ts";
import { fixture } from "../../governance/inbound-alerts/alerts.ts";
import { hookHouse, NO_ALERTS, NOW, requestOf } from "./support.ts";
import { createIssuer, type TestIssuer } from "./tokens.ts";

const TENANT = "33333333-3333-3333-3333-333333333333";
const SECRET = "0123456789abcdef0123456789abcdef";
const BODY = fixture("azure-budget-common.json");
const SECURE = { tenantId: TENANT, audience: "api://genops" };
const CLAIMS: JWTPayload = {
  iss: `https://sts.windows.net/${TENANT}/`,
  aud: "api://genops",
  appid: "461e8683-5575-4561-ac7f-899cc907d62a",
  roles: ["ActionGroupsSecureWebhook"],
};

let entra: TestIssuer;
let internet: Internet;
let keys: string;
beforeAll(async () => {
  entra = await createIssuer();
  keys = entra.keys;
  internet = await createInternet((url) =>
    url.href === `https://login.microsoftonline.com/${TENANT}/discovery/v2.0/keys`
      ? { status: keys === "" ? 500 : 200, body: keys }
      : undefined,
  );
});
afterAll(() => internet.close());

function house(azureMonitor: Partial<AlertsConfig["azureMonitor"]>) {
  const made = hookHouse({ azureMonitor: { ...NO_ALERTS.azureMonitor, ...azureMonitor } }, internet.fetch);
  const post = (headers: Record<string, string> = {}, query: Record<string, string> = {}) =>
    made.hooks.azureMonitor(requestOf(BODY, headers, query));
  const postToken = async (claims: JWTPayload, options?: Parameters<TestIssuer["token"]>[1], from = entra) =>
    post({ authorization: `Bearer ${await from.token(claims, options)}` });
  return { ...made, post, postToken };
}

describe("the hook of Azure Monitor, plain", () => {
  it("takes the secret from the URL or as basic password", async () => {
    const { post, published } = house({ secret: SECRET });
    const basic = `Basic ${Buffer.from(`azure:${SECRET}`).toString("base64")}`;
    expect([(await post({}, { secret: SECRET })).status, (await post({ authorization: basic })).status]).toEqual([
      "accepted",
      "accepted",
    ]);
    expect(published[0]).toMatchObject({
      type: "genops.alert.received",
      time: NOW,
      data: {
        from: "azure-action-group",
        deliveryId: expect.stringMatching(/alerts\/2{8}.* 2026-11-22T06:10:11.022Z$/) as string,
        sentAt: "2026-11-22T06:10:11.022Z",
        message: BODY,
      },
    });
  });

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ["no secret", {}, {}],
    ["a wrong secret", {}, { secret: "0123456789abcdef0123456789abcdeg" }],
    ["a shorter one", {}, { secret: "0" }],
    ["an empty one", {}, { secret: "" }],
    ["a wrong password", { authorization: `Basic ${Buffer.from("azure:no").toString("base64")}` }, {}],
    ["a token that nobody asked for", { authorization: "Bearer a.b.c" }, {}],
  ])("refuses %s", async (_what, headers, query) => {
    const { post, published, warnings } = house({ secret: SECRET });
    expect((await post(headers, query)).status).toBe("refused");
    expect([published, warnings.length]).toEqual([[], 1]);
    expect(warnings.join()).not.toContain(SECRET);
  });

  it("says what to set up while it is not", async () => {
    const answer = await house({}).post();
    expect([answer.status, answer.detail]).toEqual([
      "unconfigured",
      expect.stringContaining("alerts.azureMonitor.secret") as string,
    ]);
  });
});

describe("the hook of Azure Monitor, secure", () => {
  it.each<[string, JWTPayload]>([
    ["version 1", CLAIMS],
    [
      "version 2",
      {
        ...CLAIMS,
        iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
        aud: "genops",
        appid: undefined,
        azp: CLAIMS["appid"],
      },
    ],
  ])("takes a token of %s", async (_what, claims) => {
    const { postToken, published } = house(SECURE);
    expect((await postToken(claims)).status).toBe("accepted");
    expect(published).toHaveLength(1);
  });

  it.each<[string, JWTPayload]>([
    ["another tenant", { ...CLAIMS, iss: "https://sts.windows.net/44444444-4444-4444-4444-444444444444/" }],
    ["another audience", { ...CLAIMS, aud: "api://other" }],
    ["another application", { ...CLAIMS, appid: "00000000-0000-0000-0000-000000000000" }],
    ["no application", { ...CLAIMS, appid: undefined }],
    ["another role", { ...CLAIMS, roles: ["Reader"] }],
    ["no role", { ...CLAIMS, roles: undefined }],
    ["roles in words", { ...CLAIMS, roles: "ActionGroupsSecureWebhook" }],
  ])("refuses a token of %s", async (_what, claims) => {
    const { postToken, published } = house(SECURE);
    expect((await postToken(claims)).status).toBe("refused");
    expect(published).toEqual([]);
  });

  it("refuses a token that has expired, that another key or method signed, and one that is none", async () => {
    const { post, postToken } = house(SECURE);
    const other = await createIssuer();
    const answers = [
      await postToken(CLAIMS, { expiresAt: "2026-11-22T05:58:00Z" }),
      await postToken(CLAIMS, {}, other),
      await postToken(CLAIMS, {}, await createIssuer("k2")),
      await post({ authorization: "Bearer a.b.c" }),
      await post({ authorization: `Bearer ${Buffer.from('{"alg":"none"}').toString("base64url")}.e30.AAAA` }),
      await post({}),
    ];
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill("refused"));
  });

  it("fetches the keys once, and asks to be called again while it cannot", async () => {
    const { postToken } = house(SECURE);
    const before = internet.asked.length;
    await postToken(CLAIMS);
    await postToken(CLAIMS);
    expect(internet.asked.length).toBe(before + 1);
    keys = "";
    const failing = house(SECURE);
    await expect(failing.postToken(CLAIMS)).rejects.toMatchObject({ code: "unavailable" });
    keys = entra.keys;
    expect((await failing.postToken(CLAIMS)).status).toBe("accepted");
  });

  it("lets either proof do where both are set up", async () => {
    const { post, postToken } = house({ ...SECURE, secret: SECRET });
    expect([
      (await postToken(CLAIMS)).status,
      (await post({}, { secret: SECRET })).status,
      (await post()).status,
    ]).toEqual(["accepted", "accepted", "refused"]);
  });

  it("hands on what it cannot read: it is verified", async () => {
    const { hooks, published } = house({ secret: SECRET });
    const answer = await hooks.azureMonitor(requestOf("<html>", {}, { secret: SECRET }));
    expect([answer.status, published[0]?.data]).toMatchObject(["accepted", { message: "<html>" }]);
  });
});
