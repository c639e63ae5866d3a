import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { isUnknownOutcome, kubeFailureOf } from "../../../../shared/clusters/connections/errors.ts";
import { atPlace, GenOpsError, messageOf } from "../../../../shared/core/errors.ts";
import { keepUntilExpiry } from "../../../../shared/core/expiring.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { createCertificate } from "../../../support/identity/certificate.ts";
import {
  accessTo,
  clientOf,
  type Said,
  startStub,
  status,
  trainer,
  trainerObject,
} from "../../../support/kube-stub.ts";

const at = { uid: "u-1", resourceVersion: "41" };
const fine = { status: 200, body: trainerObject };
const busy = (seconds?: string): Said => ({
  status: 429,
  body: "Too many requests, please try again later.",
  ...(seconds === undefined ? {} : { headers: { "retry-after": seconds } }),
});

async function failureOf(work: Promise<unknown>): Promise<GenOpsError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof GenOpsError) return error;
  throw new Error(`expected a GenOpsError, got ${String(error)}`);
}

describe("repeating", () => {
  it.each([
    ["a read", 429],
    ["a read", 503],
    ["a write", 429],
    ["a write", 503],
  ])("%s waits as long as the server asks after %d", async (what, code) => {
    const stub = await startStub((_, count) => (count < 3 ? { status: code, headers: { "retry-after": "7" } } : fine));
    const clock = createFakeClock("2026-11-22T06:00:00.000Z");
    const client = clientOf(stub, { clock });
    await (what === "a read" ? client.get(trainer) : client.mergePatch(trainer, {}, at));
    expect(stub.seen).toHaveLength(3);
    expect(clock.now().toISOString()).toBe("2026-11-22T06:00:14.000Z");
  });

  it("waits 30 s at most, understands dates, and adds a little chance", async () => {
    const date = new Date("2026-11-22T06:00:40.000Z").toUTCString();
    const stub = await startStub((_, count) => (count === 1 ? busy("3600") : count === 2 ? busy(date) : fine));
    const clock = createFakeClock("2026-11-22T06:00:00.000Z");
    await clientOf(stub, { clock, randomness: { id: () => "", fraction: () => 0.5 } }).get(trainer);
    expect(clock.now().toISOString()).toBe("2026-11-22T06:00:40.500Z");
  });

  it("ends after four times, with the server's words", async () => {
    const stub = await startStub(() => status(429, "TooManyRequests", "please wait"));
    const error = await failureOf(clientOf(stub).mergePatch(trainer, {}, at));
    expect(error).toMatchObject({
      code: "unavailable",
      message: "patch Deployment ml/trainer: 429 please wait (source dev)",
      place: { source: "dev" },
    });
    expect(stub.seen).toHaveLength(5);
    expect(isUnknownOutcome(error)).toBe(false);
  });

  it.each([
    ["hangs up", "hang up"],
    ["breaks off", "half"],
    ["has lost its leader", status(500, "InternalError", "etcdserver: leader changed")],
    ["was too slow", status(504, "Timeout", "request did not complete")],
  ] as const)("a write is sent once to a server that %s; its outcome is unknown", async (_, said) => {
    const stub = await startStub(() => said);
    const error = await failureOf(clientOf(stub).mergePatch(trainer, {}, at));
    expect(stub.seen).toHaveLength(1);
    expect([error.code, isUnknownOutcome(error)]).toEqual(["unavailable", true]);
    expect(isUnknownOutcome(atPlace(error, { field: "x" }))).toBe(true);
  });

  it.each(["hang up", "half"] as const)("a read is repeated when the server ends with: %s", async (said) => {
    const stub = await startStub((_, count) => (count === 1 ? said : fine));
    expect(await clientOf(stub).get(trainer)).toEqual(trainerObject);
    expect(stub.seen).toHaveLength(2);
  });

  it("a write that nothing stores may be repeated", async () => {
    const stub = await startStub((_, count) => (count === 1 ? "hang up" : fine));
    await clientOf(stub, { dryRun: true }).mergePatch(trainer, {}, at);
    expect(stub.seen).toHaveLength(2);
  });

  it("a refused connection is tried again, also for writes: nothing was sent", async () => {
    const stub = await startStub(() => fine);
    const clock = createFakeClock("2026-11-22T06:00:00.000Z");
    const access = { ...accessTo(stub), server: "https://127.0.0.1:1" };
    const client = clientOf(stub, { access, clock });
    const error = await failureOf(client.version());
    expect([error.code, kubeFailureOf(error)?.layer, isUnknownOutcome(error)]).toEqual(["unavailable", "tcp", false]);
    expect(error.message).toMatch(/no connection to the API server \(TCP\).*ECONNREFUSED/);
    expect(clock.now().getTime()).toBeGreaterThan(Date.parse("2026-11-22T06:00:01.000Z"));
  });
});

describe("limits", () => {
  it("a server that never answers costs the time that is allowed", async () => {
    const stub = await startStub(() => "silence");
    const client = clientOf(stub, { timeouts: { headersMs: 50, totalMs: 100 } });
    const error = await failureOf(client.mergePatch(trainer, {}, at));
    expect([error.code, isUnknownOutcome(error), kubeFailureOf(error)?.layer]).toEqual(["unavailable", true, "time"]);
    expect(stub.seen).toHaveLength(1);
  });

  it("nothing is sent when the function's time is over, and nothing waits past it", async () => {
    const stub = await startStub(() => busy("20"));
    const over = await failureOf(clientOf(stub, { deadline: { remainingMs: () => 0 } }).get(trainer));
    expect([over.code, stub.seen.length]).toEqual(["unavailable", 0]);
    const clock = createFakeClock("2026-11-22T06:00:00.000Z");
    await failureOf(clientOf(stub, { clock, deadline: { remainingMs: () => 15_000 } }).mergePatch(trainer, {}, at));
    expect([stub.seen.length, clock.now().toISOString()]).toEqual([1, "2026-11-22T06:00:00.000Z"]);
  });

  it.each(["gzip", "identity"])("an answer that does not end is cut off (%s)", async (encoding) => {
    const endless = Buffer.alloc(130 * 1024 * 1024);
    const body = encoding === "gzip" ? gzipSync(endless, { level: 1 }) : endless;
    const stub = await startStub(() => ({ status: 200, body, headers: { "content-encoding": encoding } }));
    const error = await failureOf(clientOf(stub).get(trainer));
    expect(error.message).toContain("longer than 128 MiB");
    expect(stub.seen).toHaveLength(1);
  });

  it("a signal ends what is under way", async () => {
    const stop = new AbortController();
    const stub = await startStub(() => {
      stop.abort();
      return "silence";
    });
    const error = await failureOf(clientOf(stub, { signal: stop.signal }).mergePatch(trainer, {}, at));
    expect([error.code, isUnknownOutcome(error)]).toEqual(["unavailable", true]);
  });

  it("at most 32 requests are in flight", async () => {
    const stub = await startStub(() => fine);
    const client = clientOf(stub);
    await client.resource("apps/v1", "Deployment");
    await Promise.all(Array.from({ length: 100 }, () => client.get(trainer)));
    expect(stub.connections()).toBeLessThanOrEqual(32);
    expect(stub.seen).toHaveLength(100);
  });

  it("a ceiling per second spreads them", async () => {
    const stub = await startStub(() => fine);
    const clock = createFakeClock("2026-11-22T06:00:00.000Z");
    const client = clientOf(stub, { clock, requestsPerSecond: 4 });
    for (let i = 0; i < 4; i++) await client.get(trainer);
    // Discovery was the first of five.
    expect(clock.now().toISOString()).toBe("2026-11-22T06:00:01.000Z");
  });
});

describe("who we are", () => {
  it("a rejected token is replaced once, and then it is an error", async () => {
    const clock = createFakeClock("2026-11-22T06:00:00.000Z");
    let made = 0;
    const next = async () => ({ value: `token-${++made}`, expiresAt: new Date("2026-11-22T07:00:00Z") });
    const token = keepUntilExpiry(next, { now: clock.now, earlyMs: 60_000 });
    const stub = await startStub(({ headers }) =>
      headers["authorization"] === "Bearer token-2" ? fine : status(401, "Unauthorized", "Unauthorized"),
    );
    const client = clientOf(stub, { clock, access: { ...accessTo(stub), token } });
    expect(await client.get(trainer)).toEqual(trainerObject);
    expect(made).toBe(2);

    const never = await startStub(() => status(401, "Unauthorized", "Unauthorized"));
    const error = await failureOf(clientOf(never).mergePatch(trainer, {}, at));
    expect([error.code, kubeFailureOf(error)?.layer, never.seen.length]).toEqual(["unavailable", "401", 2]);
  });

  it("no message tells the token, even when the server does", async () => {
    const stub = await startStub(() => status(403, "Forbidden", "Bearer secret-token of eyJhbGciOi.eyJzdWIi.c2ln"));
    const error = await failureOf(clientOf(stub).get(trainer));
    expect(error.code).toBe("refused");
    for (let each: unknown = error; each instanceof Error; each = each.cause) {
      expect(`${messageOf(each)} ${JSON.stringify(each)}`).not.toMatch(/secret-token|eyJ/);
    }
    expect(error.message).toContain("[redacted]");
  });

  it("a certificate that is not the cluster's is a matter of configuration", async () => {
    const stub = await startStub(() => fine);
    const access = { ...accessTo(stub), certificateAuthority: createCertificate().cert };
    const error = await failureOf(clientOf(stub, { access }).get(trainer));
    expect([error.code, kubeFailureOf(error)?.layer]).toEqual(["config", "tls"]);
    expect(stub.seen).toEqual([]);
  });

  it("certificates are checked, whatever the process was told about them", async () => {
    const stub = await startStub(() => fine);
    const { certificateAuthority: _, ...access } = accessTo(stub);
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      const error = await failureOf(clientOf(stub, { access }).get(trainer));
      expect([error.code, kubeFailureOf(error)?.layer]).toEqual(["config", "tls"]);
    } finally {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    }
    expect(stub.seen).toEqual([]);
  });

  it("a redirect is not followed, so that no other server gets the token", async () => {
    const other = await startStub(() => fine);
    const stub = await startStub(() => ({ status: 307, headers: { location: `${other.server}/api/v1` } }));
    expect((await failureOf(clientOf(stub).get(trainer))).code).toBe("refused");
    expect([stub.seen.length, other.seen.length]).toEqual([1, 0]);
  });

  it("an address that is none is a matter of configuration", async () => {
    const stub = await startStub(() => fine);
    expect(() => clientOf(stub, { access: { ...accessTo(stub), server: "10.0.0.1:443/x y" } })).toThrow(
      expect.objectContaining({ code: "config" }),
    );
  });

  it("an open line is refused, except to this machine", async () => {
    const stub = await startStub(() => fine);
    const open = (server: string) => clientOf(stub, { access: { ...accessTo(stub), server } });
    expect(() => open("http://10.0.0.1:8080")).toThrow("must be https");
    expect(open("http://127.0.0.1:8080").cluster).toBe("dev");
  });
});

describe("what the server's answers amount to", () => {
  const otherUid = { causes: [{ field: "metadata.uid", reason: "FieldValueInvalid" }] };
  it.each([
    ["a stale version", status(409, "Conflict", "the object has been modified"), "conflict"],
    ["another object of that name", status(422, "Invalid", "field is immutable", otherUid), "conflict"],
    ["an object that is gone", status(404, "NotFound", "not found"), "conflict"],
    ["a value that is not allowed", status(422, "Invalid", "spec.replicas: must be >= 0"), "refused"],
    ["admission", status(403, "Forbidden", "denied by policy"), "refused"],
    ["a page of somebody else", { status: 200, body: "<html>" } as const, "unavailable"],
  ] as const)("%s", async (_, said, code) => {
    const stub = await startStub(() => said);
    expect((await failureOf(clientOf(stub).mergePatch(trainer, {}, at))).code).toBe(code);
  });
});
