import { describe, expect, it } from "vitest";
import { errorOf, parse } from "./parse.ts";

describe("signIn", () => {
  it("needs an issuer and an audience, and calls roles as we do", () => {
    expect(parse("signIn: { issuer: 'https://login.example.com', audience: genops }").signIn).toEqual({
      issuer: "https://login.example.com",
      audience: ["genops"],
      rolesClaim: "roles",
      roles: { viewer: ["viewer"], operator: ["operator"], approver: ["approver"], admin: ["admin"] },
    });
    expect(parse("").signIn).toBeUndefined();
  });

  it("takes several audiences, another claim, and groups for roles", () => {
    const text = `signIn:
  issuer: https://login.example.com/
  audience: [genops, api://genops]
  keysUrl: https://login.example.com/keys
  identityClaim: oid
  rolesClaim: groups
  roles: { approver: [finops, oncall] }
`;
    expect(parse(text).signIn).toMatchObject({
      issuer: "https://login.example.com/",
      audience: ["genops", "api://genops"],
      keysUrl: "https://login.example.com/keys",
      identityClaim: "oid",
      rolesClaim: "groups",
      roles: { approver: ["finops", "oncall"], admin: ["admin"] },
    });
  });

  it("takes an issuer without TLS on this machine only", () => {
    expect(parse("signIn: { issuer: 'http://127.0.0.1:1/x', audience: a }").signIn?.issuer).toBe(
      "http://127.0.0.1:1/x",
    );
    const message = /^expected an issuer such as https:\/\/login.example.com, found "http:\/\/login.example.com" \(/;
    expect(errorOf("signIn: { issuer: 'http://login.example.com', audience: a }").message).toMatch(message);
  });

  it.each([
    ["audience: a", /issuer/],
    ["issuer: 'https://x.example'", /audience/],
    ["issuer: 'https://x.example', audience: []", /audience/],
    ["issuer: 'https://x.example', audience: a, roles: { root: [x] }", /root/],
    ["issuer: 'https://x.example', audience: a, roles: { admin: [] }", /values of the roles claim/],
    ["issuer: 'https://x.example', audience: a, secret: x", /secret/],
  ])("refuses %s", (text, message) => {
    expect(errorOf(`signIn: { ${text} }`).message).toMatch(message);
  });
});

describe("notifications.slack.signingSecret", () => {
  it("is kept", () => {
    const text = 'notifications: { slack: { token: xoxb-1, channel: C1, signingSecret: "${secret:S}" } }';
    const { slack } = parse(text, { "secret:S": "0123456789abcdef0123456789abcdef" }).notifications;
    expect(slack?.signingSecret).toBe("0123456789abcdef0123456789abcdef");
  });

  it.each(["short", "with space and long enough"])("is refused when it is %j, without repeating it", (secret) => {
    const { message } = errorOf(`notifications: { slack: { token: xoxb-1, channel: C1, signingSecret: "${secret}" } }`);
    expect(message).toMatch(/^expected Slack's signing secret/);
    expect(message).not.toContain("long enough");
  });
});
