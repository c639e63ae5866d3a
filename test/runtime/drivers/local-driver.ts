import { alertReceived, exportWritten, jsonOrText, scheduleDue } from "../../../shared/core/platform-events.ts";
import type { LogEntry, Platform } from "../../../shared/ports/platform.ts";
import { createAlerts } from "../../../shared/usecases/alerts.ts";
import { createApiFunction } from "../../../shared/usecases/api.ts";
import { createHealth } from "../../../shared/usecases/cluster-health.ts";
import { createCollect } from "../../../shared/usecases/collect.ts";
import { createEnforce } from "../../../shared/usecases/enforce.ts";
import { createEvaluate } from "../../../shared/usecases/evaluate.ts";
import { createEventHost, createHttpHost } from "../../../shared/usecases/host.ts";
import type { CloudServices, SentMessage } from "../../support/functions/sent-message.ts";
import { HOOK_SECRET, NOW } from "../support/workspace.ts";
import {
  AWS_BUDGET_TEXT,
  commonEnv,
  type DriverOptions,
  EXPORT_OF,
  type RuntimeDriver,
  type Stimulus,
} from "./driver.ts";

const CREATE = {
  collect: createCollect,
  evaluate: createEvaluate,
  enforce: createEnforce,
  alerts: createAlerts,
  health: createHealth,
};
const ORIGIN = { source: "test", time: "2026-11-22T06:00:00Z" };

/** The same use cases in this process, from their sources: events are CloudEvents, queues are lists. */
export async function startLocal(options: DriverOptions): Promise<RuntimeDriver> {
  const sent: SentMessage[] = [];
  const services: CloudServices = {
    sent,
    refuse: () => false,
    env: {},
    queueAddress: (name) => name,
    close: () => Promise.resolve(),
  };
  const entries: LogEntry[] = [];
  const platform: Platform = {
    name: "local",
    environment: commonEnv(options, services, NOW),
    memoryMb: 0,
    fetchSecrets: () => Promise.resolve(new Map([["azure-monitor", HOOK_SECRET]])),
    openQueue: (queue) =>
      Promise.resolve({
        async send(body) {
          if (services.refuse({ queue, body })) throw new Error("access denied");
          sent.push({ queue, body });
        },
      }),
  };
  const call = {
    id: "local-1",
    deadline: { remainingMs: () => Number.POSITIVE_INFINITY },
    write: (entry: LogEntry) => void entries.push(entry),
  };
  const hosts = {
    collect: await createEventHost(platform, "collect", CREATE.collect),
    evaluate: await createEventHost(platform, "evaluate", CREATE.evaluate),
    enforce: await createEventHost(platform, "enforce", CREATE.enforce),
    alerts: await createEventHost(platform, "alerts", CREATE.alerts),
    health: await createEventHost(platform, "health", CREATE.health),
  };
  const http = await createHttpHost(platform, "api", createApiFunction);
  return {
    services,
    deliver: (name, stimulus) =>
      hosts[name]
        .handle(eventOf(stimulus), call)
        .then(() => true)
        .catch(() => false),
    async ask({ method, path, query = "", headers = {}, body, signedIn }) {
      const url = `http://localhost${path}${query === "" ? "" : `?${query}`}`;
      const request = new Request(url, { method, headers, ...(body === undefined ? {} : { body }) });
      const answer = await http.handle(request, { ...call, signedIn });
      return { status: answer.status, body: await answer.text() };
    },
    logs: () => entries.map(({ severity, message, fields }) => ({ severity, message, ...fields })),
    close: () => Promise.resolve(),
  };
}

function eventOf(stimulus: Stimulus): unknown {
  switch (stimulus.kind) {
    case "schedule":
      return scheduleDue({ ...ORIGIN, id: `cron-${stimulus.task}` }, stimulus.task);
    case "object": {
      const { bucket, prefix } = EXPORT_OF.local;
      return exportWritten({ ...ORIGIN, id: stimulus.key }, `s3://${bucket}/${prefix}${stimulus.key}`);
    }
    case "message":
      return jsonOrText(stimulus.body);
    case "alert":
      return alertReceived(
        { ...ORIGIN, id: stimulus.id },
        {
          from: "aws-sns",
          attributes: { topic: "arn:aws:sns:us-east-1:111122223333:budgets" },
          message: AWS_BUDGET_TEXT,
        },
      );
    case "junk":
      return stimulus.value;
    default:
      return stimulus satisfies never;
  }
}
