import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toSignInConfig } from "../../../../shared/config/sign-in.ts";
import type { SignInConfig } from "../../../../shared/config/types.ts";
import { createSignInKeys, mayApprove, signInByToken } from "../../../../shared/interfaces/sign-in/sign-in.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";

const clock = createFakeClock("2026-11-22T06:00:00.000Z");
const SECONDS = Date.parse("2026-11-22T06:00:00.000Z") / 1000;
const rsa = await generateKeyPair("RS256", { extractable: true });
const elliptic = await generateKeyPair("ES256", { extractable: true });
const stranger = await generateKeyPair("RS256", { extractable: true });

let server: Server;
let issuer: string;
let discovery: (issuer: string) => unknown = (own) => ({ issuer: own, jwks_uri: `${own}/keys` });
let asked: string[] = [];

beforeAll(async () => {
  const keys = [
    { ...(await exportJWK(rsa.publicKey)), kid: "rsa" },
    { ...(await exportJWK(elliptic.publicKey)), kid: "ec" },
  ];
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const known = request.url === "/keys" ? { keys } : discovery(issuer);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(known));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

const config = (over: Partial<SignInConfig> = {}): SignInConfig => ({
  ...toSignInConfig({ issuer, audience: ["genops"] }),
  ...over,
});

const CLAIMS: JWTPayload = {
  sub: "s-1",
  aud: "genops",
  email: "alice@example.com",
  email_verified: true,
  roles: ["approver"],
};

interface Signing {
  key?: Parameters<SignJWT["sign"]>[0];
  alg?: string;
  kid?: string;
  expires?: number;
}

function token(
  claims: Readonly<Record<string, unknown>> = {},
  { key = rsa.privateKey, alg = "RS256", kid = "rsa", expires }: Signing = {},
) {
  return new SignJWT({ iss: issuer, ...CLAIMS, ...claims })
    .setProtectedHeader({ alg, kid })
    .setIssuedAt(SECONDS)
    .setExpirationTime(expires ?? SECONDS + 600)
    .sign(key);
}

const signIn = (bearer: string, over?: Partial<SignInConfig>, keys = createSignInKeys()) =>
  signInByToken(new Headers({ authorization: `Bearer ${bearer}` }), config(over), { clock, fetch }, keys);

describe("signing in by a token", () => {
  it("tells who somebody is and which roles they have", async () => {
    expect(await signIn(await token())).toEqual({
      ok: true,
      person: { identities: ["alice@example.com", "s-1"], roles: new Set(["approver"]) },
    });
  });

  it("asks the issuer for its keys once", async () => {
    asked = [];
    const keys = createSignInKeys();
    await signIn(await token(), {}, keys);
    await signIn(await token({ sub: "s-2" }), {}, keys);
    expect(asked).toEqual(["/.well-known/openid-configuration", "/keys"]);
  });

  it("needs no discovery where the keys' address is configured", async () => {
    asked = [];
    expect(await signIn(await token(), { keysUrl: `${issuer}/keys` })).toMatchObject({ ok: true });
    expect(asked).toEqual(["/keys"]);
  });

  it("takes signatures of public keys, also of elliptic curves", async () => {
    const bearer = await token({}, { key: elliptic.privateKey, alg: "ES256", kid: "ec" });
    expect(await signIn(bearer)).toMatchObject({ ok: true });
  });

  it("refuses everything else", async () => {
    const unsigned = `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify({ ...CLAIMS, iss: issuer }))}.`.replaceAll(
      "=",
      "",
    );
    const shared = await token({}, { key: new TextEncoder().encode("x".repeat(40)), alg: "HS256" });
    const good = await token();
    const wrong = [
      await token({ iss: "https://elsewhere.example" }),
      await token({ aud: "another" }),
      await token({}, { expires: SECONDS - 61 }),
      await token({ nbf: SECONDS + 3600 }),
      await token({}, { key: stranger.privateKey }),
      await token({}, { key: stranger.privateKey, kid: "unknown" }),
      shared,
      unsigned,
      `${good.split(".")[0]}.${btoa(JSON.stringify({ ...CLAIMS, iss: issuer, sub: "root" }))}.${good.split(".")[2]}`,
      "not a token",
      "",
    ];
    const answers = await Promise.all(wrong.map((bearer) => signIn(bearer)));
    expect(answers.map(({ ok }) => ok)).toEqual(wrong.map(() => false));
  });

  it("believes an e-mail address only when the issuer has verified it, and a chosen claim only when it is named", async () => {
    const people = [
      await signIn(await token({ email_verified: false })),
      await signIn(await token({ email_verified: "true" })),
      await signIn(await token({ email: undefined, oid: "o-1" }), { identityClaim: "oid" }),
      await signIn(await token({ email_verified: false }), { identityClaim: "email" }),
      await signIn(await token({ email_verified: undefined }), { identityClaim: "email" }),
    ];
    expect(people.map((answer) => (answer.ok ? answer.person.identities : answer.why))).toEqual([
      ["s-1"],
      ["s-1"],
      ["o-1", "s-1"],
      ["s-1"],
      ["s-1"],
    ]);
    expect(await signIn(await token({ sub: undefined, email: undefined }))).toMatchObject({ ok: false });
  });

  it.each<[string, Readonly<Record<string, unknown>>, Partial<SignInConfig>, boolean]>([
    ["a list", { roles: ["viewer", "admin"] }, {}, true],
    ["a text", { roles: "viewer approver" }, {}, true],
    ["another claim", { roles: [], groups: ["finops"] }, { rolesClaim: "groups" }, false],
    [
      "a claim within a claim",
      { roles: [], realm_access: { roles: ["approver"] } },
      { rolesClaim: "realm_access.roles" },
      true,
    ],
    [
      "a claim with dots",
      { roles: [], "https://x.example/r": ["approver"] },
      { rolesClaim: "https://x.example/r" },
      true,
    ],
    ["no roles", { roles: undefined }, {}, false],
    ["nonsense", { roles: { approver: true } }, {}, false],
    ["operator", { roles: ["operator"] }, {}, false],
  ])("reads roles from %s", async (_what, claims, over, expected) => {
    const answer = await signIn(await token(claims), over);
    expect(answer.ok && mayApprove(answer.person)).toBe(expected);
  });

  it("lets a group of the issuer stand for a role", async () => {
    const roles = { ...config().roles, approver: ["finops"] };
    const answer = await signIn(await token({ groups: ["finops"] }), { rolesClaim: "groups", roles });
    expect(answer.ok && mayApprove(answer.person)).toBe(true);
  });

  it("says what to configure where there is no issuer, and asks for a token where there is none", async () => {
    const keys = createSignInKeys();
    const headers = new Headers({ authorization: `Bearer ${await token()}` });
    const without = await signInByToken(headers, undefined, { clock, fetch }, keys);
    expect(without).toMatchObject({ ok: false, why: expect.stringContaining("set signIn.issuer and signIn.audience") });
    const anonymous = await signInByToken(
      new Headers({ "x-ms-client-principal": "alice" }),
      config(),
      { clock, fetch },
      keys,
    );
    expect(anonymous).toEqual({ ok: false, why: "send a token: Authorization: Bearer …" });
  });

  it.each([
    ["of another issuer", { issuer: "https://elsewhere.example", jwks_uri: "https://elsewhere.example/keys" }],
    ["that is none", { hello: 1 }],
  ])("does not believe a discovery document %s", async (_what, document) => {
    discovery = () => document;
    const bearer = await token();
    await expect(signIn(bearer)).rejects.toThrow(/does not tell where the keys are/);
    discovery = (own) => ({ issuer: own, jwks_uri: `${own}/keys` });
  });
});
