import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { webhookHeaders, webhookKey } from "../../../../shared/interfaces/notifications/standard-webhook.ts";

type Verify = (secret: string, headers: Record<string, string>, body: string, nowSeconds: number) => boolean;

const SECRET = "whsec_Z2Vub3BzLXRlc3Qtc2VjcmV0LTAwMDAwMA==";
const AT = new Date(1_795_305_600_000);

async function snippet(): Promise<Verify> {
  const page = readFileSync(new URL("../../../../docs/notifications.md", import.meta.url), "utf8");
  const code = /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  const { isFromGenOps }: { isFromGenOps: Verify } = await import(
    /* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`
  );
  return isFromGenOps;
}

describe("the receiver's snippet in docs/notifications.md", () => {
  it("accepts what GenOps signs, also among the signatures of a rotation", async () => {
    const verify = await snippet();
    const other = webhookKey(`whsec_${Buffer.from("another-secret-of-32-bytes-00000").toString("base64")}`, "f");
    const headers = webhookHeaders([other, webhookKey(SECRET, "f")], "msg_01", AT, '{"a":1}');
    expect(verify(SECRET, headers, '{"a":1}', 1_795_305_700)).toBe(true);
  });

  it("refuses another body, another secret, an old timestamp and no signature", async () => {
    const verify = await snippet();
    const headers = webhookHeaders([webhookKey(SECRET, "f")], "msg_01", AT, '{"a":1}');
    expect(verify(SECRET, headers, '{"a":2}', 1_795_305_600)).toBe(false);
    expect(verify(`whsec_${Buffer.from("another").toString("base64")}`, headers, '{"a":1}', 1_795_305_600)).toBe(false);
    expect(verify(SECRET, headers, '{"a":1}', 1_795_305_901)).toBe(false);
    expect(verify(SECRET, {}, '{"a":1}', 1_795_305_600)).toBe(false);
  });
});
