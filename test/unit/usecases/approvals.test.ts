import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { beginPlan } from "../../../shared/clusters/enforcement/approvals/begin-plan.ts";
import { listExemptions } from "../../../shared/clusters/enforcement/approvals/exemptions.ts";
import { advancePlan, proposePlan, readPlan } from "../../../shared/clusters/enforcement/approvals/plan-records.ts";
import { changeHolds } from "../../../shared/clusters/enforcement/hold/document.ts";
import type { Plan } from "../../../shared/clusters/enforcement/types.ts";
import { parseConfig } from "../../../shared/config/parse-config.ts";
import type { CloudEvent } from "../../../shared/core/events.ts";
import { createApi } from "../../../shared/interfaces/api/api.ts";
import { exemptValue, SLACK_ACTIONS } from "../../../shared/interfaces/hooks/slack-payload.ts";
import { listOutbox } from "../../../shared/interfaces/notifications/outbox.ts";
import { createSystemRandomness } from "../../../shared/platforms/local/system.ts";
import { createApiFunction } from "../../../shared/usecases/api.ts";
import { createApiDeps } from "../../../shared/usecases/api-deps.ts";
import { approvalDeps } from "../../../shared/usecases/approval-deps.ts";
import { approveByToken, handleDecision } from "../../../shared/usecases/approvals.ts";
import { createRuntime } from "../../../shared/usecases/runtime.ts";
import { followPlans, tellPlan } from "../../../shared/usecases/tell-plan.ts";
import { createFolders } from "../../support/collect-deps.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { approvablePlan, scaleStep } from "../../support/plans.ts";
import { type Click, clickBody, SLACK_SECRET, slackHeaders } from "../../support/slack-clicks.ts";

const START = "2026-11-22T04:00:00.000Z";
const folders = createFolders();
const rsa = await generateKeyPair("RS256", { extractable: true });

interface Call {
  path: string;
  body: { text?: string; ts?: string; thread_ts?: string; blocks?: unknown; response_type?: string };
}

/** Plays Slack and the issuer of tokens. `slow`: Slack takes requests and answers none until it is let go. */
let server: Server;
let base: string;
const calls: Call[] = [];
let letGo: (() => void) | undefined;
let slow: Promise<void> = Promise.resolve();
let down = false;

beforeAll(async () => {
  const keys = { keys: [{ ...(await exportJWK(rsa.publicKey)), kid: "k" }] };
  server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const path = request.url ?? "";
      if (path.startsWith("/oidc")) {
        const discovery = { issuer: `${base}/oidc`, jwks_uri: `${base}/oidc/keys` };
        response.end(JSON.stringify(path === "/oidc/keys" ? keys : discovery));
        return;
      }
      if (!down) calls.push({ path, body: JSON.parse(text) as Call["body"] });
      void slow.then(() => {
        response.writeHead(down ? 503 : 200, { "content-type": "application/json" });
        response.end(JSON.stringify({ ok: true, channel: "C1", ts: `1795305600.00010${calls.length}` }));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  letGo?.();
  letGo = undefined;
  slow = Promise.resolve();
  down = false;
  calls.length = 0;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await folders.clean();
});

const SLACK = () => `{ token: xoxb-test, channel: C1, signingSecret: "${SLACK_SECRET}", apiUrl: "${base}" }`;

async function house({ slack = SLACK(), signIn = true } = {}) {
  const text = `
enforcement:
  mode: approve
  approvers:
    - { identity: alice@example.com, slack: UALICE }
    - { identity: bob@example.com, slack: UBOB }
    - { identity: dora@example.com, slack: UDORA, environments: [dev] }
notifications: { slack: ${slack} }
${signIn ? `signIn: { issuer: "${base}/oidc", audience: genops }` : ""}
`;
  const baseDir = await folders.make();
  const config = parseConfig(text, { fileName: "genops.yaml", baseDir, secrets: { read: () => undefined } });
  const clock = createFakeClock(START);
  const notes: string[] = [];
  const runtime = await createRuntime({
    config,
    clock,
    randomness: createSystemRandomness(),
    events: { publish: () => Promise.resolve() },
    progress: { report: () => {}, note: (note) => void notes.push(note) },
    createTempFolder: () => folders.make(),
  });
  const deps = approvalDeps(runtime);
  const propose = async (plan: Plan) => {
    const record = await proposePlan(deps, plan);
    await tellPlan(runtime, record);
    return record;
  };
  const published: CloudEvent[] = [];
  const api = createApi(createApiDeps(runtime, undefined, { publish: async (event) => void published.push(event) }));
  /** A click through the hook and the queue to the function that listens. */
  const click = async (given: Omit<Click, "responseUrl">) => {
    const before = published.length;
    const body = clickBody({ ...given, responseUrl: `${base}/actions/1` });
    const request = new Request("http://localhost/hooks/slack", {
      method: "POST",
      body,
      headers: slackHeaders(body, clock.now()),
    });
    const response = await api(request);
    for (const event of published.slice(before)) await handleDecision(runtime, event);
    clock.advance(1000);
    return response;
  };
  const approve = (plan: Plan, user: string) => click({ action: SLACK_ACTIONS.approve, value: plan.hash, user });
  const state = async (plan: Plan) => (await readPlan(runtime.lake, plan.hash))?.state;
  return { runtime, clock, deps, notes, propose, api, click, approve, state, published };
}

async function token(email: string, claims: Record<string, unknown> = {}) {
  return new SignJWT({ email, email_verified: true, roles: ["approver"], ...claims })
    .setProtectedHeader({ alg: "RS256", kid: "k" })
    .setSubject(`sub-${email}`)
    .setIssuer(`${base}/oidc`)
    .setAudience("genops")
    .setExpirationTime(Date.parse(START) / 1000 + 86_400)
    .sign(rsa.privateKey);
}

const throttle = approvablePlan();
const prodBlock = approvablePlan({
  steps: [scaleStep({ rung: "block", environment: "prod" })],
  needs: { mode: "approve", approvals: 2 },
});
const paths = () => calls.map(({ path, body }) => (body.thread_ts === undefined ? path : `${path} (reply)`));

describe("approving in Slack", () => {
  it("follows a plan's life in one message, with a reply at each change", async () => {
    const { runtime, deps, propose, approve, state } = await house();
    await propose(throttle);
    expect(paths()).toEqual(["/chat.postMessage"]);
    expect(calls[0]?.body.text).toMatch(/^🔔 Approve\? Throttle: Deployment ml\/trainer in dev of aws-cluster/);

    expect((await approve(throttle, "UALICE")).status).toBe(200);
    expect(await state(throttle)).toBe("approved");
    expect(paths().slice(1)).toEqual(["/chat.update", "/chat.postMessage (reply)"]);
    expect(calls[2]?.body.text).toBe("Approved by alice@example.com (1 of 1)");

    const { record } = await beginPlan(deps, throttle.hash);
    if (record !== undefined) await tellPlan(runtime, record);
    await tellPlan(runtime, await advancePlan(deps, throttle.hash, { state: "applied", progress: { done: 1, of: 1 } }));
    await tellPlan(runtime, await advancePlan(deps, throttle.hash, { state: "restored", detail: "new period" }));
    const replies = calls.filter(({ body }) => body.thread_ts !== undefined).map(({ body }) => body.text);
    expect(replies).toEqual([
      "Approved by alice@example.com (1 of 1)",
      "Being applied",
      "Applied 1 of 1",
      "Restored 1 of 1: new period",
    ]);
    const updates = calls.filter(({ path }) => path === "/chat.update");
    expect(new Set(updates.map(({ body }) => body.ts))).toEqual(new Set(["1795305600.000101"]));
    expect(updates.at(-1)?.body.text).toMatch(/^↩️ Restored: .*Everything is as it was before, new period/);
    expect(JSON.stringify(updates.at(-1)?.body.blocks)).not.toContain('"actions"');
  });

  it("tells by itself when what was done is given back", async () => {
    const { runtime, deps, propose, approve, state } = await house();
    await propose(throttle);
    await approve(throttle, "UALICE");
    await beginPlan(deps, throttle.hash);
    await advancePlan(deps, throttle.hash, { state: "applied", progress: { done: 1, of: 1 } });
    const { cluster, clusterUid, steps } = throttle;
    await changeHolds(runtime.lake, { cluster, clusterUid }, async (document) => ({
      document: {
        ...document,
        closed: steps.map(({ id, action, policy, subject, savesPerHour }) => ({
          ...{ step: id, action, policy, subject, savesPerHour },
          ...{ appliedAt: START, closedAt: START, outcome: "restored" },
        })),
      },
      result: undefined,
    }));
    await followPlans(runtime);
    expect(await state(throttle)).toBe("restored");
    expect(calls.at(-1)?.body.text).toMatch(/Restored 1 of 1$/);
  });

  it("waits for two different people before a block in prod, and says who is in", async () => {
    const { propose, approve, state } = await house();
    await propose(prodBlock);
    await approve(prodBlock, "UALICE");
    expect(await state(prodBlock)).toBe("waiting");
    expect(calls.find(({ path }) => path === "/chat.update")?.body.text).toMatch(
      /approved so far by alice@example\.com/,
    );
    await approve(prodBlock, "UALICE");
    expect(calls.at(-1)).toMatchObject({
      path: "/actions/1",
      body: { text: expect.stringMatching(/a person counts once/) },
    });
    await approve(prodBlock, "UBOB");
    expect(await state(prodBlock)).toBe("approved");
  });

  it.each([
    ["a person whom nobody listed", "UMALLORY", {}, /Slack user UMALLORY is not listed in enforcement.approvers/],
    ["a person of another environment", "UDORA", {}, /you may not decide about prod/],
    ["the person who asked for it", "UBOB", { requester: "bob@example.com" }, /you asked for this plan yourself/],
  ])("tells %s, and nobody else, why their click does not count", async (_who, user, over, why) => {
    const { propose, approve, state } = await house();
    const plan = { ...prodBlock, ...over };
    await propose(plan);
    const before = calls.length;
    expect((await approve(plan, user)).status).toBe(200);
    expect(calls.slice(before)).toEqual([
      {
        path: "/actions/1",
        body: expect.objectContaining({
          response_type: "ephemeral",
          replace_original: false,
          text: expect.stringMatching(why),
        }),
      },
    ]);
    expect(await state(plan)).toBe("waiting");
  });

  it("rejects for good: an approval after it is told why it does not count", async () => {
    const { propose, click, approve, state } = await house();
    await propose(throttle);
    await click({ action: SLACK_ACTIONS.reject, value: throttle.hash, user: "UBOB" });
    await approve(throttle, "UALICE");
    expect(await state(throttle)).toBe("rejected");
    expect(calls.at(-1)?.body.text).toMatch(/bob@example.com has rejected it/);
  });

  it("snoozes for four hours, and asks again", async () => {
    const { propose, click, state, clock, runtime } = await house();
    await propose(throttle);
    await click({ action: SLACK_ACTIONS.snooze, value: throttle.hash });
    expect(await state(throttle)).toBe("snoozed");
    clock.advance(4 * 3_600_000);
    await followPlans(runtime);
    expect(await state(throttle)).toBe("waiting");
    expect(calls.at(-1)?.body).toMatchObject({ text: "Asked again after the snooze", thread_ts: expect.any(String) });
  });

  it("exempts a workload or its namespace for a week, which drops the plan", async () => {
    const { propose, click, state, runtime, clock } = await house();
    await propose(throttle);
    const value = exemptValue(throttle.hash, { step: 0, what: "workload" });
    await click({ action: SLACK_ACTIONS.exempt, value, menu: true });
    expect(await state(throttle)).toBe("rejected");
    expect(await listExemptions(runtime.lake, clock.now())).toEqual([
      {
        cluster: "aws-cluster",
        namespace: "ml",
        workload: { kind: "Deployment", name: "trainer" },
        until: "2026-11-29T04:00:00.000Z",
        by: "alice@example.com",
        at: START,
      },
    ]);
    clock.advance(7 * 86_400_000);
    expect(await listExemptions(runtime.lake, clock.now())).toEqual([]);
  });

  it("exempts nothing for people who may not, and nothing that the plan does not have", async () => {
    const { propose, click, runtime, clock, state } = await house();
    await propose(prodBlock);
    const namespace = exemptValue(prodBlock.hash, { step: 0, what: "namespace" });
    await click({ action: SLACK_ACTIONS.exempt, value: namespace, user: "UDORA", menu: true });
    await click({ action: SLACK_ACTIONS.exempt, value: `${prodBlock.hash}:w7`, menu: true });
    expect(calls.at(-1)?.body.text).toMatch(/has no such workload or namespace/);
    expect(await listExemptions(runtime.lake, clock.now())).toEqual([]);
    expect(await state(prodBlock)).toBe("waiting");
  });

  it("answers only addresses of Slack", async () => {
    const { propose, published, runtime, notes, api, clock } = await house();
    await propose(throttle);
    const body = clickBody({
      action: SLACK_ACTIONS.approve,
      value: throttle.hash,
      user: "UMALLORY",
      responseUrl: "http://169.254.169.254/latest",
    });
    await api(
      new Request("http://localhost/hooks/slack", { method: "POST", body, headers: slackHeaders(body, clock.now()) }),
    );
    for (const event of published) await handleDecision(runtime, event);
    expect(notes).toEqual(["a person in Slack could not be answered: the response_url is not an address of Slack"]);
  });

  it("handles an event that comes twice once, and refuses one that is none", async () => {
    const { propose, approve, published, runtime, state } = await house();
    await propose(throttle);
    await approve(throttle, "UALICE");
    const before = calls.length;
    const [event] = published;
    if (event === undefined) throw new Error("an event was published");
    expect((await handleDecision(runtime, event)).counted).toBe(true);
    expect(calls.length).toBe(before);
    expect(await state(throttle)).toBe("approved");
    await expect(handleDecision(runtime, { ...event, data: { planHash: "../x" } })).rejects.toThrow(/not a decision/);
    await expect(handleDecision(runtime, { ...event, type: "genops.costs.changed" })).rejects.toThrow(/no decision/);
  });
});

describe("Slack's three seconds", () => {
  it("do not depend on Slack: without a queue the click is recorded and answered while Slack answers nothing", async () => {
    const { runtime, propose, state, clock } = await house();
    await propose(throttle);
    slow = new Promise((resolve) => (letGo = resolve));
    const api = createApi(createApiDeps(runtime));
    const body = clickBody({ action: SLACK_ACTIONS.approve, value: throttle.hash, responseUrl: `${base}/actions/1` });
    const headers = slackHeaders(body, clock.now());
    const response = await api(new Request("http://localhost/hooks/slack", { method: "POST", body, headers }));
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect(await state(throttle)).toBe("approved");
    letGo?.();
    await expect
      .poll(async () => (await listOutbox(runtime.lake)).items.at(-1))
      .toMatchObject({ state: "sent", revision: 2 });
  });

  it("are for the queue alone where there is one", async () => {
    const { runtime, propose, state, clock } = await house();
    await propose(throttle);
    const published: CloudEvent[] = [];
    const own = { ...runtime, events: { publish: async (event: CloudEvent) => void published.push(event) } };
    const api = createApiFunction(async () => own, {
      signedIn: false,
      reaches: (type) => type === "genops.action.approved",
    });
    const body = clickBody({ action: SLACK_ACTIONS.approve, value: throttle.hash });
    const request = new Request("https://x.example/hooks/slack", {
      method: "POST",
      body,
      headers: slackHeaders(body, clock.now()),
    });
    expect((await api(request, invocation)).status).toBe(200);
    expect(published).toMatchObject([{ type: "genops.action.approved", subject: throttle.hash }]);
    expect(await state(throttle)).toBe("waiting");
  });
});

describe("a Slack that is away", () => {
  it("loses nothing: every change is told when it is back, in one reply", async () => {
    const { runtime, deps, propose, clock } = await house();
    await propose(throttle);
    down = true;
    await approveByToken(runtime, throttle.hash, await token("alice@example.com"));
    const begun = await beginPlan(deps, throttle.hash);
    if (begun.record !== undefined) await tellPlan(runtime, begun.record, { patienceMs: 0 });
    await tellPlan(runtime, await advancePlan(deps, throttle.hash, { state: "applied" }), { patienceMs: 0 });
    down = false;
    clock.advance(3_600_000);
    calls.length = 0;
    await followPlans(runtime);
    expect(paths()).toEqual(["/chat.update", "/chat.postMessage (reply)"]);
    expect(calls[1]?.body.text).toBe("Approved by alice@example.com (1 of 1)\nBeing applied\nApplied 0 of 1");
    await followPlans(runtime);
    expect(calls).toHaveLength(2);
  });
});

describe("without a bot", () => {
  it("a webhook gets the message without buttons, with the command, and later what happened", async () => {
    const { runtime, propose } = await house({ slack: `{ webhook: "${base}/webhook" }` });
    await propose(throttle);
    await approveByToken(runtime, throttle.hash, await token("alice@example.com"));
    expect(paths()).toEqual(["/webhook", "/webhook"]);
    expect(JSON.stringify(calls[0]?.body.blocks)).toContain(`genops enforce approve ${throttle.hash} --token-file`);
    expect(JSON.stringify(calls[0]?.body.blocks)).not.toContain('"actions"');
    expect(calls[1]?.body).toMatchObject({ text: "Approved by alice@example.com (1 of 1)" });
  });

  it("mails and signed webhooks are told of findings only", async () => {
    const hook = `webhooks: [{ id: ops, url: "${base}/ops", secrets: [whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTMy] }]`;
    const { propose, runtime } = await house({ slack: `{ webhook: "${base}/webhook" }, ${hook}` });
    await propose(throttle);
    expect(paths()).toEqual(["/webhook"]);
    expect((await listOutbox(runtime.lake)).items.map(({ notifier }) => notifier)).toEqual(["slack-webhook"]);
  });

  it("a bot without a signing secret posts no buttons", async () => {
    const { propose } = await house({ slack: `{ token: xoxb-test, channel: C1, apiUrl: "${base}" }` });
    await propose(throttle);
    expect(JSON.stringify(calls[0]?.body.blocks)).not.toContain('"actions"');
  });
});

describe("approving by a token", () => {
  it("counts for who it proves, and one person under both names counts once", async () => {
    const { runtime, propose, approve, state } = await house();
    await propose(prodBlock);
    await approve(prodBlock, "UALICE");
    const again = approveByToken(runtime, prodBlock.hash, await token("Alice@example.com"));
    await expect(again).rejects.toThrow(/a person counts once/);
    await approveByToken(runtime, prodBlock.hash, `${await token("bob@example.com")}\n`);
    expect(await state(prodBlock)).toBe("approved");
  });

  it("is refused with what to do: no issuer, no role, not listed, nonsense", async () => {
    const { runtime, propose } = await house();
    const unset = await house({ signIn: false });
    await propose(throttle);
    const good = await token("alice@example.com");
    await expect(approveByToken(unset.runtime, throttle.hash, good)).rejects.toThrow(
      /set signIn\.issuer and signIn\.audience/,
    );
    const viewer = await token("alice@example.com", { roles: ["viewer"] });
    await expect(approveByToken(runtime, throttle.hash, viewer)).rejects.toThrow(/neither the role approver nor admin/);
    const eve = await token("eve@example.com");
    await expect(approveByToken(runtime, throttle.hash, eve)).rejects.toThrow(/eve@example.com is not listed/);
    await expect(approveByToken(runtime, throttle.hash, "x.y.z")).rejects.toThrow(/the token is not accepted/);
    await expect(approveByToken(runtime, prodBlock.hash, good)).rejects.toThrow(/no such plan/);
  });
});

describe("the API", () => {
  const post = (hash: string, action: string, bearer?: string, body: unknown = {}) =>
    new Request(`http://localhost/api/v1/enforcement/plans/${hash}/${action}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...(bearer && { authorization: `Bearer ${bearer}` }) },
    });

  it("lists plans and shows one with its diff", async () => {
    const { api, propose } = await house();
    await propose(throttle);
    const list = await api(new Request("http://localhost/api/v1/enforcement/plans?state=waiting"));
    expect(await list.json()).toMatchObject({
      plans: [{ hash: throttle.hash, steps: 1, savesPerHour: "12.3", approvals: 1 }],
    });
    const none = await api(new Request("http://localhost/api/v1/enforcement/plans?state=applied"));
    expect(await none.json()).toEqual({ plans: [] });
    const one = await api(new Request(`http://localhost/api/v1/enforcement/plans/${throttle.hash}`));
    expect(await one.json()).toMatchObject({
      state: "waiting",
      steps: [
        { subject: "Deployment ml/trainer", change: expect.stringContaining("replicas 5 → 0"), savesPerHour: "12.3" },
      ],
      changes: [{ text: "proposed" }],
    });
    for (const hash of ["f".repeat(64), "nonsense"]) {
      expect((await api(new Request(`http://localhost/api/v1/enforcement/plans/${hash}`))).status).toBe(404);
    }
  });

  it("takes decisions of people with a token, and of nobody else", async () => {
    const { api, propose, state } = await house();
    await propose(prodBlock);
    const alice = await token("alice@example.com");
    const anonymous = await api(post(prodBlock.hash, "approve"));
    expect([anonymous.status, anonymous.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="genops"']);
    const wrong = await api(post(prodBlock.hash, "approve", "a.b.c"));
    expect(wrong.status).toBe(401);
    const dora = await api(post(prodBlock.hash, "approve", await token("dora@example.com")));
    expect([dora.status, await dora.json()]).toMatchObject([
      403,
      { detail: expect.stringContaining("you may not decide about prod") },
    ]);
    expect((await api(post("f".repeat(64), "approve", alice))).status).toBe(404);
    expect(await (await api(post(prodBlock.hash, "approve", alice))).json()).toMatchObject({ state: "waiting" });
    const until = "2026-11-22T09:00:00Z";
    expect(await (await api(post(prodBlock.hash, "snooze", alice, { until }))).json()).toMatchObject({
      state: "snoozed",
    });
    expect((await api(post(prodBlock.hash, "snooze", alice, { until: "soon" }))).status).toBe(400);
    const reason = "on call says no";
    expect(await (await api(post(prodBlock.hash, "reject", alice, { reason }))).json()).toMatchObject({
      state: "rejected",
      detail: "by alice@example.com: on call says no",
    });
    expect(await state(prodBlock)).toBe("rejected");
  });

  it("exempts by what the plan's step is about", async () => {
    const { api, propose, runtime, clock } = await house();
    await propose(throttle);
    const body = { step: 0, what: "namespace", until: "2026-12-24T00:00:00Z", reason: "launch" };
    const answer = await api(post(throttle.hash, "exempt", await token("alice@example.com"), body));
    expect(await answer.json()).toMatchObject({ state: "rejected", until: "2026-12-24T00:00:00Z" });
    expect(await listExemptions(runtime.lake, clock.now())).toMatchObject([{ namespace: "ml", reason: "launch" }]);
  });

  it("does not take the platform's word for an approval", async () => {
    const { runtime, propose, state } = await house();
    await propose(throttle);
    const api = createApiFunction(async () => runtime, { signedIn: true, reaches: () => false });
    const request = post(throttle.hash, "approve");
    request.headers.set("x-ms-client-principal", btoa('{"userDetails":"alice@example.com"}'));
    request.headers.set("x-goog-authenticated-user-email", "accounts.google.com:alice@example.com");
    expect((await api(request, invocation)).status).toBe(401);
    expect(await state(throttle)).toBe("waiting");
  });

  it("opens plans, and nothing else, to a token where the platform has not signed anybody in", async () => {
    const { runtime, propose } = await house();
    await propose(throttle);
    const api = createApiFunction(async () => runtime, { signedIn: false, reaches: () => false });
    const get = async (path: string, bearer?: string) =>
      (
        await api(
          new Request(
            `https://x.example/api/v1/${path}`,
            bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } },
          ),
          invocation,
        )
      ).status;
    const viewer = await token("v@example.com", { roles: ["viewer"] });
    expect(await get("enforcement/plans", viewer)).toBe(200);
    expect(await get("enforcement/plans", await token("v@example.com", { roles: [] }))).toBe(403);
    expect(await get("enforcement/plans", "a.b.c")).toBe(401);
    expect(await get("enforcement/plans")).toBe(401);
    expect(await get("findings", viewer)).toBe(401);
  });
});

const invocation = {
  correlationId: "c",
  deadline: { remainingMs: () => Number.POSITIVE_INFINITY },
  log: { info: () => {}, warn: () => {}, error: () => {} },
  tracer: { span: <T>(_name: string, _attributes: object, work: () => Promise<T>) => work() },
};
