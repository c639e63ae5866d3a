import path from "node:path";
import { finalized, published, pushed } from "../../support/functions/gcp-events.ts";
import { startGcpServices } from "../../support/functions/gcp-services.ts";
import { HOOK_SECRET, NOW } from "../support/workspace.ts";
import { commonEnv, type DriverOptions, EXPORT_OF, type RuntimeDriver, type Stimulus } from "./driver.ts";
import { type GcpFunction, startGcpFunction } from "./gcp.ts";
import { logLines } from "./processes.ts";

/** Google Cloud: each function's zip in a functions-framework process, Pub/Sub beside them. */
export async function startGcp(options: DriverOptions): Promise<RuntimeDriver> {
  const services = await startGcpServices();
  const env = {
    ...commonEnv(options, services, NOW),
    GENOPS_SECRET_azure_monitor: HOOK_SECRET,
    GENOPS_SIGN_IN: "platform",
    CLOUD_RUN_TIMEOUT_SECONDS: "540",
  };
  const started = new Map<string, Promise<GcpFunction>>();
  const functions: GcpFunction[] = [];

  function open(name: string): Promise<GcpFunction> {
    const folder = path.join(options.packages, "gcp", name);
    const signature = name === "api" ? "http" : "cloudevent";
    const own = started.get(name) ?? startGcpFunction(folder, { name, signature, env });
    if (!started.has(name)) void own.then((each) => functions.push(each));
    started.set(name, own);
    return own;
  }

  const refusals: Record<string, unknown>[] = [];

  return {
    services,
    async deliver(name, stimulus) {
      const answer = await send(await open(name), stimulus);
      if (!answer.ok) refusals.push({ message: "not taken", status: answer.status, body: await answer.text() });
      return answer.ok;
    },
    async ask({ method, path: pathname, query = "", headers = {}, body, signedIn }) {
      const { url } = await open("api");
      const token = signedIn ? { authorization: "Bearer checked.by.the-platform" } : {};
      const address = `${url}${pathname}${query === "" ? "" : `?${query}`}`;
      const answer = await fetch(address, {
        method,
        headers: { ...headers, ...token },
        ...(body === undefined ? {} : { body }),
      });
      return { status: answer.status, body: await answer.text() };
    },
    logs: () => [...functions.flatMap((each) => logLines(each.output())), ...refusals],
    async close() {
      await Promise.all(functions.map((each) => each.close()));
      await services.close();
    },
  };
}

function send(target: GcpFunction, stimulus: Stimulus): Promise<Response> {
  switch (stimulus.kind) {
    case "junk":
      return postJson(target.url, stimulus.value);
    case "message": {
      // Between functions: push subscriptions, whose path is the topic's name.
      const push = pushed({ id: stimulus.id, text: stimulus.body });
      return postJson(`${target.url}${push.path}`, push.body);
    }
    default:
      return target.post(shapeOf(stimulus));
  }
}

function postJson(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

/** By Eventarc. */
function shapeOf(stimulus: Exclude<Stimulus, { kind: "junk" | "message" }>): Readonly<Record<string, unknown>> {
  switch (stimulus.kind) {
    case "schedule":
      return published({ id: `job-${stimulus.task}`, text: JSON.stringify({ task: stimulus.task }) });
    case "object":
      return finalized(EXPORT_OF.gcp.bucket, `${EXPORT_OF.gcp.prefix}${stimulus.key}`);
    case "alert":
      return published({
        id: stimulus.id,
        text: JSON.stringify({
          budgetDisplayName: "ml",
          alertThresholdExceeded: 0.8,
          costAmount: 412.55,
          costIntervalStart: "2024-09-01T07:00:00Z",
          budgetAmount: 500,
          budgetAmountType: "SPECIFIED_AMOUNT",
          currencyCode: "USD",
        }),
        attributes: { billingAccountId: "01ABCD-234567-89EFAB", budgetId: "b-1", schemaVersion: "1.0" },
      });
    default:
      return stimulus satisfies never;
  }
}
