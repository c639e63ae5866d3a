import { GenOpsError } from "../../../core/errors.ts";
import type { Platform, Queue } from "../../../ports/platform.ts";

/** The setting that names the storage account of the function app; triggers refer to it by this name. */
export const STORAGE = "AzureWebJobsStorage";
/** `${secret:slack-token}` is the setting GENOPS_SECRET_slack_token, which refers to Key Vault. */
const SECRETS = "GENOPS_SECRET_";

/** Azure around a function app. Each SDK is loaded when it is first needed. */
export function createAzurePlatform(environment: Platform["environment"] = process.env): Platform {
  return {
    name: "azure",
    environment,
    // The container's limit; without one (on a developer's machine) all there is.
    memoryMb: Math.round(process.constrainedMemory() / 2 ** 20),
    fetchSecrets: (names) =>
      Promise.resolve(
        new Map(
          names.flatMap((name) => {
            const value = environment[`${SECRETS}${name.replaceAll(/\W/g, "_")}`];
            return value === undefined ? [] : [[name, value] as const];
          }),
        ),
      ),
    openQueue: (name) => openStorageQueue(name, environment),
  };
}

/**
 * A queue of the function app's own storage account, by its managed identity. A connection string is only for a machine without one
 * (`AzureWebJobsStorage=UseDevelopmentStorage=true`), as the Functions tools themselves do it.
 */
async function openStorageQueue(name: string, environment: Platform["environment"]): Promise<Queue> {
  const { QueueClient } = await import("@azure/storage-queue");
  const connection = environment[STORAGE];
  const client =
    connection === undefined || connection === ""
      ? new QueueClient(`${serviceUri(environment)}/${name}`, await identity(environment))
      : new QueueClient(connection, name);
  return {
    async send(message, { delayMs = 0 } = {}) {
      const visibilityTimeout = Math.ceil(delayMs / 1_000);
      await client.sendMessage(message, visibilityTimeout > 0 ? { visibilityTimeout } : {});
    },
  };
}

async function identity(environment: Platform["environment"]) {
  const { createManagedIdentityTokens } = await import("../credentials.ts");
  return createManagedIdentityTokens(environment[`${STORAGE}__clientId`] ?? environment["AZURE_CLIENT_ID"]);
}

function serviceUri(environment: Platform["environment"]): string {
  const uri = environment[`${STORAGE}__queueServiceUri`];
  if (uri !== undefined) return uri.replace(/\/$/, "");
  const account = environment[`${STORAGE}__accountName`];
  if (account !== undefined) return `https://${account}.queue.core.windows.net`;
  throw new GenOpsError("config", `${STORAGE}__queueServiceUri is not set: the queues of the function app are unknown`);
}
