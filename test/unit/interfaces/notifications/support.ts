import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { SMTPServer } from "smtp-server";
import { fromScaled, parseDecimal } from "../../../../shared/core/decimal.ts";
import type { Finding } from "../../../../shared/core/finding.ts";
import type { Clock } from "../../../../shared/ports/clock.ts";
import type { ObjectStore, PutCondition } from "../../../../shared/ports/object-store.ts";
import type { Randomness } from "../../../../shared/ports/randomness.ts";

export const NOW = new Date("2026-11-22T08:00:00.000Z");

export interface FakeClock extends Clock {
  advance(ms: number): void;
  /** What was slept, in order. */
  readonly slept: number[];
}

/** Time that stands still; sleeping takes none and moves it on. */
export function fakeClock(start: Date = NOW): FakeClock {
  let now = start.getTime();
  const slept: number[] = [];
  return {
    now: () => new Date(now),
    evaluationNow: () => new Date(now),
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
    advance: (ms) => {
      now += ms;
    },
    slept,
  };
}

/** Ids that count, jitter in the middle. */
export function fakeRandomness(): Randomness {
  let count = 0;
  return {
    id: () => {
      count += 1;
      return count.toString(16).padStart(32, "0");
    },
    fraction: () => 0.5,
  };
}

export interface MemoryStore extends ObjectStore {
  keys(prefix?: string): string[];
}

export interface MemoryStoreHooks {
  /** Runs before each operation: to interleave, or to throw. */
  before?: (operation: "get" | "put" | "delete" | "list", key: string) => Promise<void>;
  /** Runs after each change that took place. */
  after?: (operation: "put" | "delete", key: string) => void;
}

/** Never the same tag twice, also not across stores that share objects. */
let tags = 0;

/** Objects in memory with the conditions of the port. */
export function memoryStore(
  hooks: MemoryStoreHooks = {},
  objects = new Map<string, { body: Uint8Array; etag: string }>(),
): MemoryStore {
  const holds = (key: string, when: PutCondition | undefined): boolean => {
    if (when === undefined) return true;
    return "create" in when ? !objects.has(key) : objects.get(key)?.etag === when.ifMatch;
  };
  return {
    async get(key) {
      await hooks.before?.("get", key);
      const found = objects.get(key);
      return found === undefined ? undefined : { body: found.body.slice(), etag: found.etag };
    },
    async put(key, body, when) {
      await hooks.before?.("put", key);
      if (!holds(key, when)) return { ok: false };
      tags += 1;
      const etag = `"${tags}"`;
      objects.set(key, { body: body.slice(), etag });
      hooks.after?.("put", key);
      return { ok: true, etag };
    },
    async delete(key) {
      await hooks.before?.("delete", key);
      objects.delete(key);
      hooks.after?.("delete", key);
    },
    async *list(prefix) {
      await hooks.before?.("list", prefix);
      for (const key of [...objects.keys()].filter((one) => one.startsWith(prefix)).sort()) {
        yield { key, sizeBytes: objects.get(key)?.body.byteLength ?? 0, modifiedAt: NOW };
      }
    },
    keys: (prefix = "") => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(),
  };
}

export function finding(over: Partial<Finding> = {}): Finding {
  return {
    key: "budget-ml-2026-11-80",
    kind: "budget",
    rule: "threshold-80-actual",
    level: "warning",
    scope: { provider: ["aws"], team: ["ai-research"] },
    period: { start: "2026-11-01", end: "2026-12-01" },
    subject: "team/ai-research",
    title: "Budget team/ai-research is at 83 % of its limit",
    amount: parseDecimal("12450.5"),
    currency: "USD",
    wantedActions: [{ action: "throttle", targets: [{ team: ["ai-research"] }] }],
    evidence: {
      rows: 1200,
      contributors: [
        { keys: { service: "Amazon EC2", account: "111122223333" }, amount: parseDecimal("9000") },
        { keys: { service: "Amazon S3" }, amount: parseDecimal("450.5") },
      ],
      settledShare: "0.91",
      waitsFor: "the bill of 2026-11-21",
      facts: { threshold: "80 %", used: "83 %", limit: "15000 USD" },
    },
    recipients: ["ml-leads@example.com", "#ml-costs"],
    state: "open",
    openedAt: "2026-11-22T07:00:00.000Z",
    updatedAt: "2026-11-22T07:00:00.000Z",
    revision: 1,
    ...over,
  };
}

export function resolved(over: Partial<Finding> = {}): Finding {
  return finding({
    state: "resolved",
    resolvedAt: "2026-11-22T09:00:00.000Z",
    resolution: "a restatement brought it below the threshold",
    revision: 2,
    ...over,
  });
}

/** Any text at all: control characters, lone surrogates, mark-up, mentions, long ones. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: fc.constantFrom(...Array.from("<>&\"'`*_~!@#|\\\r\n\u202e\u0000\ud800é😀")), maxLength: 200 }),
  fc.constantFrom(
    "<!channel>",
    "<@U1>",
    "&lt;!here&gt;",
    "\r\nBcc: x@example.com",
    "</td><script>alert(1)</script>",
    "*bold*",
    ":skull:",
  ),
  fc
    .tuple(fc.constantFrom("&", "<", '"', "😀", "a\\", "x\u0007"), fc.integer({ min: 100, max: 5000 }))
    .map(([text, times]) => text.repeat(times)),
);

const anyNames = fc.dictionary(anyText, anyText, { maxKeys: 12 });
const anyScope = fc.dictionary(anyText, fc.array(anyText, { maxLength: 12 }), { maxKeys: 5 });
const anyAmount = fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }).map(fromScaled);

/** A finding with any text in any field. */
export const anyFinding: fc.Arbitrary<Finding> = fc.record({
  key: anyText,
  kind: fc.constantFrom("budget" as const, "anomaly" as const, "quarantine" as const),
  rule: anyText,
  level: fc.constantFrom("info" as const, "warning" as const, "critical" as const),
  scope: anyScope,
  period: fc.record({ start: anyText, end: anyText }),
  subject: anyText,
  title: anyText,
  amount: anyAmount,
  currency: anyText,
  wantedActions: fc.array(
    fc.record({
      action: fc.constantFrom("notify" as const, "throttle" as const, "block" as const),
      targets: fc.array(anyScope, { maxLength: 6 }),
    }),
    { maxLength: 4 },
  ),
  evidence: fc.record({
    rows: fc.nat(),
    contributors: fc.array(fc.record({ keys: anyNames, amount: anyAmount }), { maxLength: 60 }),
    settledShare: anyText,
    waitsFor: anyText,
    facts: anyNames,
  }),
  recipients: fc.array(anyText, { maxLength: 8 }),
  state: fc.constantFrom("open" as const, "acknowledged" as const, "snoozed" as const, "resolved" as const),
  openedAt: anyText,
  updatedAt: anyText,
  resolvedAt: anyText,
  resolution: anyText,
  snoozedUntil: anyText,
  actor: anyText,
  revision: fc.nat(),
});

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What the server does with a request: answers it, or takes it and drops the connection, or never answers. */
export type Answer = { status: number; headers?: Record<string, string>; body?: string } | "drop" | "hang";

export interface FaultServer {
  url: string;
  received: Received[];
  /** Answers for the next requests, in order; afterwards `usually`. */
  next(...answers: Answer[]): void;
  close(): Promise<void>;
}

/** A real HTTP server on loopback that misbehaves as told. */
export async function faultServer(usually: (request: Received) => Answer): Promise<FaultServer> {
  const received: Received[] = [];
  const queue: Answer[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const entry = { path: request.url ?? "", headers: request.headers, body };
      received.push(entry);
      reply(request, response, queue.shift() ?? usually(entry));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    received,
    next: (...answers) => queue.push(...answers),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function reply(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (answer === "drop") request.socket.destroy();
  else if (answer !== "hang") response.writeHead(answer.status, answer.headers).end(answer.body ?? "");
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

export function slackSays(answer: Record<string, unknown>, headers: Record<string, string> = {}): Answer {
  return { status: 200, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(answer) };
}

/** Slack's Web API: every post gets a new ts. */
export async function slackServer(): Promise<FaultServer> {
  let count = 0;
  return await faultServer(({ body }) => {
    count += 1;
    const asked: unknown = JSON.parse(body);
    const ts =
      isRecord(asked) && typeof asked["ts"] === "string" ? asked["ts"] : `1795305600.${String(count).padStart(6, "0")}`;
    return slackSays({ ok: true, channel: "C0123456789", ts });
  });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

export interface Mail {
  from: string;
  to: string[];
  raw: string;
}

export interface MailServer {
  url: string;
  mails: Mail[];
  /** Fails the next commands of a kind with this code. */
  refuse(step: "from" | "rcpt" | "data", ...codes: number[]): void;
  close(): Promise<void>;
}

/** A real SMTP server on loopback. */
export async function mailServer(): Promise<MailServer> {
  const mails: Mail[] = [];
  const refusals: Record<"from" | "rcpt" | "data", number[]> = { from: [], rcpt: [], data: [] };
  const refusal = (step: keyof typeof refusals): Error | null => {
    const code = refusals[step].shift();
    return code === undefined ? null : Object.assign(new Error("told to refuse"), { responseCode: code });
  };
  const server = new SMTPServer({
    authOptional: true,
    hideSTARTTLS: true,
    disableReverseLookup: true,
    logger: false,
    onMailFrom: (_address, _session, done) => done(refusal("from")),
    onRcptTo: (_address, _session, done) => done(refusal("rcpt")),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const error = refusal("data");
        const { mailFrom, rcptTo } = session.envelope;
        if (error === null) {
          mails.push({
            from: mailFrom === false ? "" : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            raw: Buffer.concat(chunks).toString("utf8"),
          });
        }
        done(error);
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `smtp://127.0.0.1:${portOf(server.server.address())}`,
    mails,
    refuse: (step, ...codes) => refusals[step].push(...codes),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** An anomaly as the watches tell it. */
export function unusual(fields: Partial<Finding> = {}): Finding {
  return finding({
    key: "anomaly-usd-unusual-cost-2024-09-18-1a2b3c4d5e6f",
    kind: "anomaly",
    rule: "unusual-cost",
    scope: { provider: ["aws"], service: ["Compute"] },
    period: { start: "2024-09-18", end: "2024-09-20" },
    title: "Compute of aws costs 4.5 × what was expected since 2024-09-18",
    amount: parseDecimal("140"),
    currency: "USD",
    evidence: {
      rows: 3,
      contributors: [
        { keys: { account: "111" }, amount: parseDecimal("112") },
        { keys: { account: "" }, amount: parseDecimal("28") },
      ],
      settledShare: "0.67",
      waitsFor: "",
      facts: {
        since: "2024-09-18",
        day: "2024-09-19",
        actual: "90",
        expected: "20",
        lower: "15",
        upper: "26",
        score: "7.10",
        channel: "point",
        direction: "up",
        days: "2",
        totalActual: "180",
        totalExpected: "40",
        history: "2024-09-15 20,21,20,90,90",
        explained: "97 %",
        surprise: "412, 80",
        rules: "unusual-cost, over-yesterday",
      },
    },
    ...fields,
  });
}
