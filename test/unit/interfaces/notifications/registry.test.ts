import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { NotificationConfig } from "../../../../shared/config/types.ts";
import { createNotifiers, NOTIFIERS } from "../../../../shared/interfaces/notifications/registry.ts";
import { fakeClock } from "./support.ts";

const folder = new URL("../../../../shared/interfaces/notifications/notifiers/", import.meta.url);
const secrets = ["whsec_Z2Vub3BzLXRlc3Qtc2VjcmV0LTAwMDAwMA=="];
const slack = { apiUrl: "https://slack.com/api" };

function idsOf(config: Partial<NotificationConfig>): string[] {
  return createNotifiers({ webhooks: [], minimumLevel: "info", ...config }, { clock: fakeClock() }).map(({ id }) => id);
}

describe("NOTIFIERS", () => {
  it("equals the files of its folder", () => {
    expect(Object.keys(NOTIFIERS).sort()).toEqual(
      readdirSync(folder)
        .map((file) => file.replace(/\.ts$/, ""))
        .sort(),
    );
  });
});

describe("createNotifiers", () => {
  it("makes nothing of an empty configuration", () => {
    expect(idsOf({})).toEqual([]);
  });

  it("makes one of everything that is configured", () => {
    const webhooks = ["ops", "audit"].map((id) => ({ id, url: `https://example.com/${id}`, secrets }));
    const email = { url: "smtp://localhost", from: "genops@example.com", to: ["a@example.com"] };
    expect(idsOf({ slack: { ...slack, token: "xoxb-1", channel: "C1" }, webhooks, email })).toEqual([
      "email",
      "slack",
      "webhook:ops",
      "webhook:audit",
    ]);
  });

  it("lets the bot speak where Slack has a webhook too", () => {
    expect(idsOf({ slack: { ...slack, webhook: "https://hooks.slack.com/services/x" } })).toEqual(["slack-webhook"]);
    expect(
      idsOf({ slack: { ...slack, token: "xoxb-1", channel: "C1", webhook: "https://hooks.slack.com/services/x" } }),
    ).toEqual(["slack"]);
  });

  it("refuses a token without a channel and two webhooks of one name", () => {
    expect(() => idsOf({ slack: { ...slack, token: "xoxb-1" } })).toThrow("field notifications.slack.channel");
    const twice = ["a", "b"].map((path) => ({ id: "ops", url: `https://example.com/${path}`, secrets }));
    expect(() => idsOf({ webhooks: twice })).toThrow("two notifiers are named webhook:ops");
  });
});
