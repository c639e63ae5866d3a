import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Finding } from "../../../../../shared/core/finding.ts";
import { createEmailNotifier } from "../../../../../shared/interfaces/notifications/notifiers/email.ts";
import type { DeliveryReceipt, DeliveryResult } from "../../../../../shared/ports/notifier.ts";
import { finding, type MailServer, mailServer, resolved } from "../support.ts";

let server: MailServer;

beforeEach(async () => {
  server = await mailServer();
});
afterEach(async () => await server.close());

async function deliver(
  one: Finding,
  previous?: DeliveryReceipt,
  to: string[] = ["finops@example.com"],
): Promise<DeliveryResult> {
  const notifier = createEmailNotifier({ url: server.url, from: "GenOps <genops@example.com>", to, timeoutMs: 5_000 });
  return await notifier.deliver({ id: "msg_1", finding: one, previous });
}

/** Header fields of a mail, unfolded, by lower-case name. */
function headersOf(raw: string): Map<string, string> {
  const head = (raw.split("\r\n\r\n")[0] ?? "").replace(/\r\n[ \t]+/g, " ");
  return new Map(
    head
      .split("\r\n")
      .map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
}

describe("createEmailNotifier", () => {
  it("writes to the configured addresses and the finding's own, each once", async () => {
    const one = finding({
      recipients: ["ml-leads@example.com", "FinOps@example.com", "#ml-costs", "a@b.c, evil@example.com", "x@y\r\nz@q"],
    });
    expect(await deliver(one)).toMatchObject({ outcome: "delivered", receipt: { state: "open", level: "warning" } });
    expect(server.mails[0]?.to.map((address) => address.toLowerCase())).toEqual([
      "finops@example.com",
      "ml-leads@example.com",
    ]);
  });

  it("says everything as text and as HTML", async () => {
    await deliver(finding());
    const { raw = "" } = server.mails[0] ?? {};
    expect(headersOf(raw).get("subject")).toBe("[GenOps] Budget team/ai-research is at 83 % of its limit");
    expect(headersOf(raw).get("auto-submitted")).toBe("auto-generated");
    expect(raw).toContain("Content-Type: text/plain");
    expect(raw).toContain("Content-Type: text/html");
    expect(raw).toContain("12,450.50 USD");
  });

  it("keeps the mails of one finding in a thread", async () => {
    const first = await deliver(finding());
    const receipt = first.outcome === "delivered" ? first.receipt : {};
    await deliver(resolved(), receipt);
    const [opened, closed] = server.mails.map(({ raw }) => headersOf(raw));
    expect(opened?.get("message-id")).toMatch(/^<genops\.[0-9a-f]{32}@example\.com>$/);
    expect(opened?.has("in-reply-to")).toBe(false);
    expect(closed?.get("message-id")).toMatch(/^<genops\.[0-9a-f]{32}\.2@example\.com>$/);
    expect(closed?.get("in-reply-to")).toBe(opened?.get("message-id"));
    expect(closed?.get("references")).toBe(opened?.get("message-id"));
  });

  it("sends the same Message-ID on every attempt", async () => {
    server.refuse("data", 451);
    expect(await deliver(finding())).toMatchObject({ outcome: "later" });
    await deliver(finding());
    await deliver(finding());
    expect(new Set(server.mails.map(({ raw }) => headersOf(raw).get("message-id"))).size).toBe(1);
  });

  it("lets no text become a header", async () => {
    await deliver(
      finding({ title: "x\r\nBcc: victim@example.com\r\n\r\nbody", key: "k\r\nX-Evil: 1", currency: "U\nX-Evil: 2" }),
    );
    const { raw = "", to } = server.mails[0] ?? {};
    expect(to).toEqual(["finops@example.com", "ml-leads@example.com"]);
    expect(headersOf(raw).has("bcc")).toBe(false);
    expect(headersOf(raw).has("x-evil")).toBe(false);
    expect(headersOf(raw).get("subject")).toBe("[GenOps] x Bcc: victim@example.com body");
  });

  it("escapes everything in HTML", async () => {
    await deliver(finding({ title: '<script>alert("1")</script>', scope: { team: ["</td><img src=x onerror='1'>"] } }));
    const html = (server.mails[0]?.raw ?? "").split("text/html")[1]?.replace(/=\r\n/g, "").replaceAll("=3D", "=") ?? "";
    expect(html).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
    expect(html).toContain("&lt;/td&gt;&lt;img src=x onerror=&#39;1&#39;&gt;");
    expect(html).not.toMatch(/<script|<img/);
  });

  it.each([
    ["from", 421, "later"],
    ["rcpt", 450, "later"],
    ["data", 451, "later"],
    ["from", 530, "rejected"],
    ["rcpt", 550, "rejected"],
    ["data", 554, "rejected"],
  ] as const)("answers %s %d with %s", async (step, code, outcome) => {
    server.refuse(step, code, code);
    expect(await deliver(finding({ recipients: [] }))).toMatchObject({
      outcome,
      reason: expect.stringContaining(String(code)),
    });
    expect(server.mails).toEqual([]);
  });

  it("comes back later when the server is not there", async () => {
    await server.close();
    expect(await deliver(finding())).toMatchObject({
      outcome: "later",
      afterMs: 0,
      reason: expect.stringContaining("ECONNREFUSED"),
    });
    server = await mailServer();
  });

  it("sends no mail for changes between, nor when nobody is addressed", async () => {
    const told = { state: "open", level: "warning", messageId: "<a@example.com>" };
    expect(await deliver(finding({ revision: 2 }), told)).toEqual({ outcome: "delivered", receipt: told });
    expect(await deliver(finding({ revision: 2, state: "snoozed" }), told)).toMatchObject({
      outcome: "delivered",
      receipt: { state: "snoozed" },
    });
    expect(await deliver(finding({ recipients: ["#ml"] }), undefined, [])).toEqual({
      outcome: "delivered",
      receipt: {},
    });
    expect(server.mails).toEqual([]);
  });

  it.each(["http://example.com", "smtp://", "mail.example.com"])("refuses %s as a server", (url) => {
    expect(() => createEmailNotifier({ url, from: "a@example.com", to: [] })).toThrow("not an smtp:// or smtps:// URL");
  });

  it("sends no password over a connection that is not encrypted", async () => {
    const url = server.url.replace("smtp://127.0.0.1", "smtp://user:pw@0.0.0.0");
    const notifier = createEmailNotifier({ url, from: "genops@example.com", to: ["a@example.com"], timeoutMs: 5_000 });
    const result = await notifier.deliver({ id: "msg_1", finding: finding(), previous: undefined });
    expect(result.outcome).not.toBe("delivered");
    expect(server.mails).toEqual([]);
  });
});
