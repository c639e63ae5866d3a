import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveHttp } from "../../../functions/local/http.ts";
import { parseConfig } from "../../../shared/config/parse-config.ts";
import type { AlertReceived, CloudEvent } from "../../../shared/core/events.ts";
import { listFindings } from "../../../shared/governance/findings/finding-store.ts";
import {
  alertEvent,
  alertFromEventBridge,
  alertFromPubSub,
  alertFromSnsRecord,
} from "../../../shared/governance/inbound-alerts/envelopes.ts";
import { createApi } from "../../../shared/interfaces/api/api.ts";
import { createSystemRandomness } from "../../../shared/platforms/local/system.ts";
import type { Invocation } from "../../../shared/ports/invocation.ts";
import { createAlerts } from "../../../shared/usecases/alerts.ts";
import { createApiFunction } from "../../../shared/usecases/api.ts";
import { createApiDeps } from "../../../shared/usecases/api-deps.ts";
import { evaluateAndTell } from "../../../shared/usecases/evaluate-and-tell.ts";
import { createRuntime } from "../../../shared/usecases/runtime.ts";
import { createFolders } from "../../support/collect-deps.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { createInternet } from "../../support/internet.ts";
import { createSigner } from "../../support/self-signed.ts";
import {
  azureAlert,
  fixture,
  googleAlert,
  googleMessage,
  jsonFixture,
  SENT_AT,
  snsAlert,
  TOPIC,
} from "../governance/inbound-alerts/alerts.ts";
import { CERTIFICATE_URL, snsBody } from "../interfaces/hooks/support.ts";

const folders = createFolders();
const told: string[] = [];
let slack: Server;
let slackUrl: string;

beforeAll(async () => {
  slack = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      told.push(text);
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ ok: true, channel: "C1", ts: `1795305600.${told.length}` }));
    });
  });
  await new Promise<void>((resolve) => slack.listen(0, "127.0.0.1", resolve));
  slackUrl = `http://127.0.0.1:${(slack.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await new Promise((resolve) => slack.close(resolve));
  await folders.clean();
});

const BUDGETS = "budgets: { list: [{ name: ML Training, limit: 500, currency: USD, alerts: [{ threshold: 80 }] }] }\n";

async function house(yaml = "", withSlack = true) {
  const baseDir = await folders.make();
  const tell = `notifications: { slack: { token: xoxb-test, channel: C1, apiUrl: "${slackUrl}" } }\n`;
  const text = `${BUDGETS}${yaml}\n${withSlack ? tell : ""}`;
  const config = parseConfig(text, { fileName: "genops.yaml", baseDir, secrets: { read: () => undefined } });
  const clock = createFakeClock(SENT_AT);
  const notes: string[] = [];
  const runtime = await createRuntime({
    config,
    clock,
    randomness: createSystemRandomness(),
    events: { publish: () => Promise.resolve() },
    progress: { report: () => {}, note: (note) => void notes.push(note) },
    createTempFolder: () => folders.make(),
  });
  const lines: string[] = [];
  const line = (message: string) => void lines.push(message);
  const invocation: Invocation = {
    correlationId: "c",
    deadline: { remainingMs: () => 60_000 },
    log: { info: line, warn: line, error: line },
    tracer: { span: (_name, _attributes, work) => work() },
  };
  const receive = (alert: AlertReceived) => createAlerts(runtime)(alertEvent(alert, clock.now()), invocation);
  const findings = () => listFindings({ store: runtime.lake });
  return { runtime, clock, notes, lines, invocation, receive, findings };
}

describe("alerts", () => {
  it("makes a finding of a cloud's alert, links it to our budget and tells people once", async () => {
    const { receive, findings } = await house();
    const before = told.length;
    await receive(snsAlert(fixture("aws-budget.txt")));
    await receive(snsAlert(fixture("aws-budget.txt"), { deliveryId: "m2" }));
    expect(await findings()).toMatchObject([
      { kind: "cloud-alert", rule: "actual-400-usd", state: "open", revision: 1, related: { budget: "ML Training" } },
    ]);
    expect(told).toHaveLength(before + 1);
    expect(told.at(-1)).toContain("AWS budget ml training has used 412.55 of 500.00 USD");
    expect(told.at(-1)).toContain("Our budget");
    expect(told.at(-1)).toContain("ML Training, nothing found");
  });

  it("shows names as text, whatever they hold", async () => {
    const { receive } = await house();
    await receive(snsAlert(fixture("aws-budget.txt").replaceAll("ml training", "<!channel> *ml* <b>")));
    await receive(azureAlert("<!here> what is this?"));
    const [budget, raw] = told.slice(-2);
    expect(budget).toContain("&lt;!channel&gt; *ml* &lt;b&gt;");
    expect(raw).toContain("&lt;!here&gt; what is this?");
    expect(`${budget}${raw}`).not.toMatch(/<!(channel|here)>/);
  });

  it("tells what somebody heard who died before telling", async () => {
    const silent = await house("", false);
    await silent.receive(snsAlert(fixture("aws-budget.txt")));
    const { lake } = silent.runtime;
    const speaking = await house();
    const before = told.length;
    const alert = alertEvent(snsAlert(fixture("aws-budget.txt")), silent.clock.now());
    await createAlerts({ ...speaking.runtime, lake })(alert, speaking.invocation);
    expect([told.length - before, (await silent.findings()).length]).toEqual([1, 1]);
  });

  it("says in its log why there is nothing to find", async () => {
    const { receive, findings, lines } = await house();
    await receive(
      googleAlert(googleMessage({ alertThresholdExceeded: undefined, forecastThresholdExceeded: undefined })),
    );
    expect([await findings(), lines]).toEqual([[], ["budget ml is below its thresholds"]]);
  });

  it("reads what the platforms' functions are called with", async () => {
    const { receive, findings } = await house("", false);
    const record = {
      EventSource: "aws:sns",
      Sns: { ...(JSON.parse(snsBody(createSigner())) as object), Message: fixture("aws-budget.txt") },
    };
    await receive(alertFromSnsRecord(record));
    await receive(alertFromEventBridge(jsonFixture("aws-anomaly-eventbridge.json")));
    await receive(
      alertFromPubSub({
        type: "google.cloud.pubsub.topic.v1.messagePublished",
        source: "//pubsub.googleapis.com/projects/acme/topics/budgets",
        data: {
          message: { data: Buffer.from(googleMessage()).toString("base64"), attributes: { budgetId: "b" } },
          subscription: "projects/acme/subscriptions/x",
        },
      }),
    );
    await receive(azureAlert(fixture("azure-budget-common.json")));
    await receive(azureAlert(fixture("azure-budget-legacy.json")));
    expect((await findings()).map(({ rule }) => rule).sort()).toEqual([
      "actual-400-eur",
      "actual-400-usd",
      "actual-80-percent",
      "actual-90-percent",
      "cost-anomaly",
      "forecast-100-percent",
    ]);
  });

  it("reads what a translator has parsed already", async () => {
    const { receive, findings } = await house("", false);
    await receive(snsAlert(jsonFixture("aws-anomaly-sns.json")));
    await receive(azureAlert(jsonFixture("azure-budget-common.json")));
    await receive(googleAlert(jsonFixture("google-budget.json")));
    expect((await findings()).filter(({ rule }) => rule === "unrecognised")).toEqual([]);
    expect(await findings()).toHaveLength(4);
  });

  it("refuses topics and subscriptions that are not listed, and keeps to the platform's rights where none is", async () => {
    const { receive, findings } = await house(
      `alerts: { sns: { topics: ["${TOPIC}"] }, pubsub: { subscriptions: [projects/acme/subscriptions/budgets] } }`,
      false,
    );
    const other = snsAlert(fixture("aws-budget.txt"), {
      attributes: { topic: "arn:aws:sns:us-east-1:999999999999:x" },
    });
    await expect(receive(other)).rejects.toMatchObject({ code: "refused", place: { field: "alerts.sns.topics" } });
    await expect(receive({ ...other, attributes: {} })).rejects.toMatchObject({ code: "refused" });
    const unlisted = googleAlert(googleMessage(), {
      attributes: { subscription: "projects/acme/subscriptions/other" },
    });
    await expect(receive(unlisted)).rejects.toMatchObject({ code: "refused" });
    expect(await findings()).toEqual([]);
    await receive(snsAlert(fixture("aws-budget.txt")));
    await receive(
      googleAlert(googleMessage(), { attributes: { subscription: "projects/acme/subscriptions/budgets" } }),
    );
    expect(await findings()).toHaveLength(3);
  });

  it.each<[string, Partial<CloudEvent>]>([
    ["another event", { type: "genops.costs.changed" }],
    ["no data", { data: undefined }],
    ["an unknown sender", { data: { from: "slack", attributes: {}, message: "" } }],
    ["attributes that are none", { data: { from: "aws-sns", attributes: { a: 1 }, message: "" } }],
  ])("refuses %s", async (_what, fields) => {
    const { runtime, invocation } = await house("", false);
    const event = { ...alertEvent(snsAlert("x"), new Date(SENT_AT)), ...fields };
    await expect(createAlerts(runtime)(event, invocation)).rejects.toMatchObject({ code: "refused" });
  });

  it("takes attributes by any name", async () => {
    const { runtime, invocation, findings } = await house("", false);
    const data = '{"from":"gcp-budget","attributes":{"__proto__":"x","constructor":"y","budgetId":"b"},"message":"m"}';
    const event = { ...alertEvent(snsAlert("x"), new Date(SENT_AT)), data: JSON.parse(data) as unknown };
    await createAlerts(runtime)(event, invocation);
    expect((await findings()).map(({ evidence }) => evidence.facts["budgetId"])).toEqual(["b"]);
  });

  it("is looked at again by every evaluation: what is over ends", async () => {
    const { receive, findings, runtime, clock } = await house();
    await receive(snsAlert(fixture("aws-budget.txt")));
    await evaluateAndTell(runtime);
    expect((await findings()).map(({ state }) => state)).toEqual(["open"]);
    clock.advance(20 * 86_400_000);
    const before = told.length;
    const { findings: left } = await evaluateAndTell(runtime);
    expect([left, (await findings())[0]?.state]).toEqual([[], "resolved"]);
    expect(told.slice(before).join()).toContain("over: no message for 7 days");
  });
});

describe("a hook of the local server", () => {
  it("verifies SNS's message and brings it straight to its finding", async () => {
    const signer = createSigner();
    const internet = await createInternet((url) =>
      url.href === CERTIFICATE_URL ? { body: signer.certificate } : undefined,
    );
    const { runtime, findings, notes } = await house(`alerts: { sns: { topics: ["${TOPIC}"] } }`, false);
    const api = createApi(createApiDeps(runtime, undefined, { fetch: internet.fetch }));
    const server = await serveHttp(api, { host: "127.0.0.1", port: 0 });
    const post = (body: string) =>
      fetch(`${server.url}/hooks/sns`, {
        method: "POST",
        body,
        headers: { "content-type": "text/plain; charset=UTF-8" },
      });
    const body = snsBody(signer, { Message: fixture("aws-budget.txt") });
    const answers = [await post(body), await post(body), await post(body.replace("412.55", "912.55")), await post("x")];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 403, 400]);
    expect(await answers[1]?.json()).toMatchObject({ status: "repeated" });
    expect((await findings()).map(({ rule }) => rule)).toEqual(["actual-400-usd"]);
    expect(notes).toEqual([
      "hook sns: a message was refused: the signature is wrong",
      expect.stringContaining("hook sns: a message was refused: not an SNS message") as string,
    ]);
    await server.close();
    await internet.close();
  });

  it.each([
    "",
    "not JSON",
    "[".repeat(1024 * 1024),
    '{"__proto__":{"schemaId":"AIP Budget Notification"},"constructor":{"prototype":1}}',
    '{"schemaId":"AIP Budget Notification","data":{"BudgetName":["<script>"],"SpendingAmount":{}}}',
    '{"schemaId":"azureMonitorCommonAlertSchema","data":{"alertContext":{"AlertCategory":"budgets","AlertData":[]}}}',
    "\u0000\ud800<!channel>",
  ])("survives hostile content from a verified sender and loses nothing of it (%#)", async (body) => {
    const secret = "0123456789abcdef";
    const { runtime, findings } = await house(`alerts: { azureMonitor: { secret: ${secret}x } }`, false);
    const api = createApi(createApiDeps(runtime));
    const url = `http://localhost/hooks/azure-monitor?secret=${secret}x`;
    const response = await api(new Request(url, { method: "POST", body }));
    expect([response.status, (await findings()).map(({ rule }) => rule)]).toEqual([200, ["unrecognised"]]);
  });

  it("says what to set up", async () => {
    const { runtime } = await house("", false);
    const api = createApi(createApiDeps(runtime));
    const answers = await Promise.all(
      ["sns", "azure-monitor", "pubsub"].map((name) =>
        api(new Request(`http://localhost/hooks/${name}`, { method: "POST", body: "{}" })),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  });

  it("publishes to a queue where there is one", async () => {
    const signer = createSigner();
    const internet = await createInternet(() => ({ body: signer.certificate }));
    const { runtime, findings } = await house(`alerts: { sns: { topics: ["${TOPIC}"] } }`, false);
    const published: CloudEvent[] = [];
    const options = { fetch: internet.fetch, publish: async (event: CloudEvent) => void published.push(event) };
    const api = createApi(createApiDeps(runtime, undefined, options));
    const url = CERTIFICATE_URL.replace("-0.pem", "-1.pem");
    const body = snsBody(signer, { SigningCertURL: url });
    const response = await api(new Request("http://localhost/hooks/sns", { method: "POST", body }));
    expect([response.status, published.length, await findings()]).toEqual([200, 1, []]);
    await internet.close();
  });
});

describe("the hooks of the api function", () => {
  it("are open to whom the platform does not know, and nothing else is", async () => {
    const { runtime, invocation } = await house("", false);
    const api = createApiFunction(async () => runtime, { signedIn: false, reaches: () => false });
    const ask = (path: string, method = "POST") =>
      api(
        new Request(`https://api.example.com${path}`, { method, ...(method === "POST" ? { body: "{}" } : {}) }),
        invocation,
      );
    expect((await ask("/hooks/sns")).status).toBe(404);
    expect((await ask("/hooks/sns", "GET")).status).toBe(405);
    expect((await ask("/api/v1/findings/x/ack")).status).toBe(401);
    expect((await ask("/hooks/nothing")).status).toBe(401);
  });
});
