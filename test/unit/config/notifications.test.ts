import { describe, expect, it } from "vitest";
import { errorOf, parse } from "./parse.ts";

describe("notifications", () => {
  it("reads Slack, webhooks and e-mail", () => {
    const { notifications } = parse(
      `
notifications:
  slack: { token: "\${secret:SLACK}", channel: "#finops" }
  webhooks: [{ id: ops, url: "https://example.com/hook", secrets: ["whsec_b2xk", "\${secret:HOOK}"] }]
  email: { url: "smtp://u:p@mail.example.com:587", from: GenOps <genops@example.com>, to: [ops@example.com] }
  minimumLevel: warning
`,
      { "secret:SLACK": "xoxb-1-2", "secret:HOOK": "whsec_bmV3" },
    );
    expect(notifications).toEqual({
      slack: { token: "xoxb-1-2", channel: "#finops", apiUrl: "https://slack.com/api" },
      webhooks: [{ id: "ops", url: "https://example.com/hook", secrets: ["whsec_b2xk", "whsec_bmV3"] }],
      email: { url: "smtp://u:p@mail.example.com:587", from: "GenOps <genops@example.com>", to: ["ops@example.com"] },
      minimumLevel: "warning",
    });
  });

  it("takes an incoming webhook and another API address", () => {
    const { slack } = parse(
      'notifications: { slack: { webhook: "http://127.0.0.1:1/x", apiUrl: "http://127.0.0.1:2" } }',
    ).notifications;
    expect(slack).toEqual({ webhook: "http://127.0.0.1:1/x", apiUrl: "http://127.0.0.1:2" });
  });

  it("takes one workspace of Slack's, or several", () => {
    const teamOf = (team: string) =>
      parse(`notifications: { slack: { token: xoxb-1, channel: C1, team: ${team} } }`).notifications.slack?.team;
    expect([teamOf("T024BE7LD"), teamOf("[T1, E2]")]).toEqual([["T024BE7LD"], ["T1", "E2"]]);
    expect(errorOf("notifications: { slack: { token: xoxb-1, channel: C1, team: acme } }").message).toMatch(
      /^expected a workspace's id such as T024BE7LD/,
    );
  });

  it.each([
    ["slack: {}", /^expected token and channel, or webhook/],
    ["slack: { token: xoxb-1 }", /^missing: expected token and channel together.*slack.channel\)$/],
    ["slack: { channel: x }", /^missing: expected token and channel together.*slack.token\)$/],
    ["slack: { token: abc, channel: x }", /^expected a bot token, xoxb-… \(/],
    [
      "webhooks: [{ id: a, url: ftp://x, secrets: [whsec_eA==] }]",
      /^expected a URL such as https:\/\/example.com\/path \(/,
    ],
    ["webhooks: [{ id: a, url: http://x, secrets: [] }]", /^expected a list of signing secrets with at least one/],
    ["webhooks: [{ id: a, url: http://x, secrets: [abc] }]", /^expected a signing secret, whsec_ and base64 \(/],
    [
      "webhooks: [{ id: a, url: http://x, secrets: [whsec_eA==] }, { id: a, url: http://x, secrets: [whsec_eA==] }]",
      /^this id stands twice/,
    ],
    ["email: { url: http://x, from: a@b, to: [a@b] }", /^expected a URL such as smtp:/],
    [
      "email: { url: smtp://x, from: ops, to: [a@b] }",
      /^expected a sender such as GenOps <genops@example.com>, found "ops"/,
    ],
    [
      "email: { url: smtp://x, from: a@b, to: [ops] }",
      /^expected an e-mail address such as ops@example.com, found "ops"/,
    ],
    ["minimumLevel: loud", /^expected one of info, warning, critical, found "loud"/],
  ])("refuses %s", (notifications, message) => {
    expect(errorOf(`notifications: { ${notifications} }`).message).toMatch(message);
  });
});
