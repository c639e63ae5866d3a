import { writeFile } from "node:fs/promises";
import path from "node:path";
import { blobCreated } from "../../support/functions/azure-events.ts";
import { startAzureServices } from "../../support/functions/azure-services.ts";
import { HOOK_SECRET, NOW } from "../support/workspace.ts";
import { type AzureApp, startAzureApp } from "./azure.ts";
import { commonEnv, type DriverOptions, EXPORT_OF, type HttpShape, type RuntimeDriver } from "./driver.ts";
import { logLines } from "./processes.ts";

/** Azure: the function app under a stand-in for the worker's core, its queue service and managed identity beside it. */
export async function startAzure(options: DriverOptions): Promise<RuntimeDriver & { app: AzureApp }> {
  const services = await startAzureServices();
  const authority = path.join(options.workspace.folder, "authority.pem");
  await writeFile(authority, services.authority);
  const env = {
    ...commonEnv(options, services, NOW),
    NODE_EXTRA_CA_CERTS: authority,
    GENOPS_SECRET_azure_monitor: HOOK_SECRET,
  };
  const app = await startAzureApp(path.join(options.packages, "azure", "genops"), env);

  /** The host gives this route's request to whichever function has it. */
  async function ask({ method, path: pathname, query = "", headers = {}, body, signedIn }: HttpShape) {
    const url = `https://genops.azurewebsites.net${pathname}${query === "" ? "" : `?${query}`}`;
    const name = pathname.startsWith("/hooks/") ? "alerts" : pathname === "/healthz" ? "api-health" : "api";
    // Without a function key the host itself refuses.
    if (name === "api" && !signedIn) return { status: 401, body: "" };
    const data = {
      http: { method, url, headers, query: {}, ...(body === undefined ? {} : { body: { string: body } }) },
    };
    const outcome = await app.invoke(name, data);
    if (!outcome.ok) throw new Error(outcome.error);
    const http = outcome.answer.returnValue?.http;
    return { status: Number(http?.statusCode), body: Buffer.from(http?.body?.base64 ?? "", "base64").toString("utf8") };
  }

  return {
    app,
    services,
    ask,
    async deliver(name, stimulus) {
      switch (stimulus.kind) {
        case "schedule":
          return (
            await app.invoke(`${name}-${stimulus.task}`, {
              json: '{"isPastDue":false,"schedule":{"adjustForDST":true}}',
            })
          ).ok;
        case "object": {
          const { bucket, prefix } = EXPORT_OF.azure;
          const event = blobCreated("acmebills", bucket, `${prefix}${stimulus.key}`);
          return (await app.invoke(`${name}-blob`, { json: JSON.stringify(event) })).ok;
        }
        case "message":
          return (await app.invoke(`${name}-queue`, { string: stimulus.body })).ok;
        case "junk":
          return (await app.invoke(`${name}-queue`, { json: JSON.stringify(stimulus.value) })).ok;
        case "alert": {
          const query = `secret=${encodeURIComponent(HOOK_SECRET)}`;
          const headers = { "content-type": "application/json" };
          const body = JSON.stringify(budgetAlert(stimulus.id));
          return (
            (await ask({ method: "POST", path: "/hooks/azure-monitor", query, headers, body, signedIn: false }))
              .status < 300
          );
        }
        default:
          return stimulus satisfies never;
      }
    },
    logs: () => logLines(app.output()),
    async close() {
      await app.close();
      await services.close();
    },
  };
}

/** The common alert schema (`reference/clouds.md` §2.3). */
function budgetAlert(id: string): object {
  return {
    schemaId: "azureMonitorCommonAlertSchema",
    data: {
      essentials: {
        monitoringService: "CostAlerts",
        firedDateTime: "2024-09-30T06:10:11.022Z",
        description: "",
        essentialsVersion: "1.0",
        alertContextVersion: "1.0",
        alertId: `/subscriptions/00000000-0000-0000-0000-000000000000/alerts/${id}`,
        alertRule: null,
        severity: null,
        signalType: null,
        monitorCondition: "Fired",
        alertTargetIDs: null,
        configurationItems: ["budgets"],
        originAlertId: null,
      },
      alertContext: {
        AlertCategory: "budgets",
        AlertData: {
          Scope: "/subscriptions/00000000-0000-0000-0000-000000000000/",
          ThresholdType: "Actual",
          BudgetType: "Cost",
          BudgetThreshold: "$500.00",
          NotificationThresholdAmount: "$400.00",
          BudgetName: "ml",
          BudgetId: "/subscriptions/00000000-0000-0000-0000-000000000000/budgets/ml",
          BudgetStartDate: "2024-09-01",
          BudgetCreator: "somebody@example.com",
          Unit: "USD",
          SpentAmount: "$412.55",
        },
      },
    },
  };
}
