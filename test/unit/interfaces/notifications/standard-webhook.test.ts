import { describe, expect, it } from "vitest";
import { webhookHeaders, webhookKey } from "../../../../shared/interfaces/notifications/standard-webhook.ts";

const SECRET = "whsec_Z2Vub3BzLXRlc3Qtc2VjcmV0LTAwMDAwMA==";
const AT = new Date(1_795_305_600_000);

describe("webhookHeaders", () => {
  it("signs the measured vector", () => {
    expect(webhookHeaders([webhookKey(SECRET, "f")], "msg_01", AT, '{"a":1}')).toEqual({
      "webhook-id": "msg_01",
      "webhook-timestamp": "1795305600",
      "webhook-signature": "v1,c0xJE+V98bQGB3jr7FQryygnIwi/V4GVU1ibq+E9dm8=",
    });
  });

  it("signs with every key during a rotation", () => {
    const other = `whsec_${Buffer.from("another-secret-of-32-bytes-00000").toString("base64")}`;
    const keys = [webhookKey(other, "f"), webhookKey(SECRET, "f")];
    const signatures = webhookHeaders(keys, "msg_01", AT, '{"a":1}')["webhook-signature"]?.split(" ");
    expect(signatures).toHaveLength(2);
    expect(signatures?.[1]).toBe("v1,c0xJE+V98bQGB3jr7FQryygnIwi/V4GVU1ibq+E9dm8=");
  });
});

describe("webhookKey", () => {
  it.each([
    "",
    "whsec_",
    "Z2Vub3BzLXRlc3Qtc2VjcmV0LTAwMDAwMA==",
    "whsec_c2hvcnQ=",
    "whsec_Z2Vub3BzLXRlc3Qtc2VjcmV0LTAw MDAwMA==",
    `whsec_${"A".repeat(100)}`,
  ])("refuses %j without repeating it", (secret) => {
    expect(() => webhookKey(secret, "notifications.webhooks.ops.secrets")).toThrow(
      "a webhook secret is whsec_ and the base64 of 24 to 64 random bytes (field notifications.webhooks.ops.secrets)",
    );
  });
});
