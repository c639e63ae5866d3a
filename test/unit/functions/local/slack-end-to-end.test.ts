import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFolders } from "../../../support/collect-deps.ts";
import { writeFocusBill } from "../../../support/focus-bill.ts";
import { genops } from "./cli-support.ts";

interface Call {
  method: string;
  body: { channel?: string; text?: string; ts?: string; thread_ts?: string };
}

const folders = createFolders();
const calls: Call[] = [];
let slack: Server;
let home: string;

/** A server that plays Slack: the first post meets a rate limit, everything after that is accepted. */
function playSlack(): Server {
  let refused = false;
  return createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      if (!refused) {
        refused = true;
        response.writeHead(429, { "retry-after": "1" }).end(JSON.stringify({ ok: false, error: "ratelimited" }));
        return;
      }
      calls.push({ method: (request.url ?? "").slice(1), body: JSON.parse(text) as Call["body"] });
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ ok: true, channel: "C1", ts: `1795305600.00010${calls.length}` }));
    });
  });
}

beforeAll(async () => {
  slack = playSlack();
  await new Promise<void>((resolve) => slack.listen(0, "127.0.0.1", resolve));
  home = await folders.make();
  const { port } = slack.address() as AddressInfo;
  await writeFile(
    path.join(home, "genops.yaml"),
    `sources: [{ id: any, type: focus-export, location: bill.csv, allowShrink: true }]
budgets: { global: { monthly_limit: 100, currency: USD, alerts: [{ threshold: 80, action: notify }] } }
notifications: { slack: { token: "\${env:TOKEN}", channel: C1, apiUrl: "http://127.0.0.1:${port}" } }
`,
  );
});

afterAll(async () => {
  await new Promise((resolve) => slack.close(resolve));
  await folders.clean();
});

const run = (...args: string[]) => genops(home, [...args, "--now", "2024-09-20T00:00:00Z"], { TOKEN: "xoxb-test" });
const bill = (amount: string) =>
  writeFocusBill(path.join(home, "bill.csv"), [{ billed: amount, tags: { team: "<!channel> ml" } }]);

describe("a budget that breaks", () => {
  it("reaches Slack once, is updated in place, and its end is told in the thread", { timeout: 60_000 }, async () => {
    await bill("90");
    await run("collect");
    await run("evaluate");
    await run("collect");
    expect(calls.map(({ method }) => method)).toEqual(["chat.postMessage"]);
    expect(calls[0]?.body.channel).toBe("C1");
    expect(calls[0]?.body.text).toMatch(/Budget global has used 90\.00 of 100\.00 USD/);
    expect(JSON.stringify(calls[0]?.body)).not.toContain("<!channel>");

    await bill("10");
    await run("collect");
    const [, update, reply] = calls;
    expect([update?.method, update?.body.ts]).toEqual(["chat.update", "1795305600.000101"]);
    expect([reply?.method, reply?.body.thread_ts]).toEqual(["chat.postMessage", "1795305600.000101"]);
    expect(calls).toHaveLength(3);
    const { findings } = (await run("findings", "--all", "--format", "json")).json() as {
      findings: { state: string; resolution?: string }[];
    };
    expect(findings).toMatchObject([{ state: "resolved", resolution: expect.stringContaining("restated") as unknown }]);
  });
});
