import { createEmailNotifier } from "../../shared/interfaces/notifications/notifiers/email.ts";
import { createSlackBotNotifier } from "../../shared/interfaces/notifications/notifiers/slack-bot.ts";
import { createSlackWebhookNotifier } from "../../shared/interfaces/notifications/notifiers/slack-webhook.ts";
import { createWebhookNotifier } from "../../shared/interfaces/notifications/notifiers/webhook.ts";
import type { Notifier } from "../../shared/ports/notifier.ts";
import {
  type Answer,
  type FaultServer,
  fakeClock,
  faultServer,
  isRecord,
  mailServer,
  slackSays,
  slackServer,
} from "../unit/interfaces/notifications/support.ts";
import { type ArrivedMessage, type NotifierBench, notifierContract } from "./notifier.contract.ts";

type Faults = Record<"busy" | "down" | "refused", Answer>;

const BUSY: Answer = { status: 429, headers: { "retry-after": "1" } };

function httpBench(
  server: FaultServer,
  notifier: Notifier,
  faults: Faults,
  interpret: (body: unknown) => string,
): NotifierBench {
  return {
    notifier,
    fault: (kind) => server.next(faults[kind]),
    arrived: () =>
      server.received.map(({ body }): ArrivedMessage => ({ raw: body, interpreted: interpret(JSON.parse(body)) })),
    close: server.close,
  };
}

/** Every text of a JSON document, decoded, one per line. */
function textsOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textsOf).join("\n");
  return isRecord(value) ? Object.values(value).map(textsOf).join("\n") : "";
}

notifierContract("the Slack bot", async () => {
  const server = await slackServer();
  const notifier = createSlackBotNotifier(
    { token: "xoxb-test", channel: "C1", apiUrl: server.url, timeoutMs: 5_000 },
    fakeClock(),
  );
  const refused = slackSays({ ok: false, error: "channel_not_found" });
  return httpBench(server, notifier, { busy: BUSY, down: "drop", refused }, textsOf);
});

notifierContract("the Slack webhook", async () => {
  const server = await faultServer(() => ({ status: 200, body: "ok" }));
  const notifier = createSlackWebhookNotifier({ url: server.url, timeoutMs: 5_000 }, fakeClock());
  return httpBench(
    server,
    notifier,
    { busy: BUSY, down: { status: 503 }, refused: { status: 400, body: "invalid_payload" } },
    textsOf,
  );
});

notifierContract("the signed webhook", async () => {
  const server = await faultServer(() => ({ status: 204 }));
  const secrets = ["whsec_Z2Vub3BzLXRlc3Qtc2VjcmV0LTAwMDAwMA=="];
  const notifier = createWebhookNotifier({ id: "ops", url: server.url, secrets, timeoutMs: 5_000 }, fakeClock());
  // A program reads it as JSON: nothing in a string is interpreted, only the event's own attributes are.
  const attributes = (body: unknown): string => (isRecord(body) ? textsOf({ ...body, data: "" }) : "");
  return httpBench(server, notifier, { busy: BUSY, down: "drop", refused: { status: 400 } }, attributes);
});

notifierContract("e-mail", async () => {
  const server = await mailServer();
  const notifier = createEmailNotifier({
    url: server.url,
    from: "genops@example.com",
    to: ["finops@example.com"],
    timeoutMs: 5_000,
  });
  return {
    notifier,
    fault: (kind) => server.refuse("data", { busy: 450, down: 421, refused: 554 }[kind]),
    arrived: () => server.mails.map(({ raw }) => ({ raw: decoded(raw), interpreted: interpretedMail(raw) })),
    close: server.close,
  };
});

/** Quoted-printable and base64 parts as text. */
function decoded(raw: string): string {
  const parts = raw.split(/\r\n--[^\r\n]+\r\n/);
  return parts
    .map((part) => (/^Content-Transfer-Encoding: base64/im.test(part) ? fromBase64(part) : fromQuoted(part)))
    .join("\n");
}

function fromBase64(part: string): string {
  const [head = "", ...body] = part.split("\r\n\r\n");
  return `${head}\r\n\r\n${Buffer.from(body.join(""), "base64").toString("utf8")}`;
}

function fromQuoted(part: string): string {
  const bytes = part
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** The headers and the HTML part: plain text is not interpreted, and a subject is text. */
function interpretedMail(raw: string): string {
  const text = decoded(raw);
  const head = (text.split("\r\n\r\n")[0] ?? "").replace(/\r\n[ \t]+/g, " ").replace(/^subject:.*$/im, "");
  return `${head}\n${text.slice(text.indexOf("<!doctype html>") + "<!doctype html>".length)}`;
}
