import { GenOpsError } from "../../core/errors.ts";
import type { PermissionCheck } from "../../ports/permissions.ts";
import type { Credentials } from "../open-credentials.ts";
import type { Environment } from "../static-environment.ts";

const VARIABLES = ["GENOPS_QUEUE_COLLECT", "GENOPS_QUEUE_EVALUATE"] as const;

/** Sending to the queues that the environment names: an SQS URL, a Pub/Sub topic, or a storage queue of the function app. */
export async function queueChecks(environment: Environment, credentials: Credentials): Promise<PermissionCheck[]> {
  const addresses = new Set(VARIABLES.flatMap((name) => environment[name] || []));
  return Promise.all([...addresses].map((address) => queueCheck(address, environment, credentials)));
}

async function queueCheck(
  address: string,
  environment: Environment,
  credentials: Credentials,
): Promise<PermissionCheck> {
  if (/^https?:\/\//.test(address)) {
    const { queueCheck: check } = await import("../../platforms/aws/permission-checks.ts");
    const { sqsGrant } = await import("../../platforms/aws/grants.ts");
    return lazily(address, sqsGrant(address), async () => check(address, await credentials.aws()));
  }
  if (address.startsWith("projects/")) {
    const { topicCheck } = await import("../../platforms/gcp/permission-checks.ts");
    const { topicGrant } = await import("../../platforms/gcp/grants.ts");
    const emulator = environment["PUBSUB_EMULATOR_HOST"];
    const pubsubUrl = emulator === undefined ? undefined : `http://${emulator}`;
    return lazily(address, topicGrant(address), async () =>
      topicCheck(address, { credentials: await credentials.gcp(), pubsubUrl }),
    );
  }
  const { queueCheck: check } = await import("../../platforms/azure/permission-checks.ts");
  const { queueGrant } = await import("../../platforms/azure/grants.ts");
  return lazily(address, queueGrant(address), async () => {
    const account = storageAccount(environment);
    return check(address, { account, ...("url" in account ? { tokens: await credentials.azure() } : {}) });
  });
}

function lazily(
  address: string,
  grant: PermissionCheck["grant"],
  open: () => Promise<PermissionCheck>,
): PermissionCheck {
  return { what: `queue ${address}: send`, grant, ask: async () => (await open()).ask() };
}

const STORAGE = "AzureWebJobsStorage";

/** As the Functions host names its storage account. */
function storageAccount(environment: Environment): { url: string } | { connectionString: string } {
  const connectionString = environment[STORAGE];
  if (connectionString !== undefined && connectionString !== "") return { connectionString };
  const uri = environment[`${STORAGE}__queueServiceUri`];
  if (uri !== undefined) return { url: uri.replace(/\/$/, "") };
  const account = environment[`${STORAGE}__accountName`];
  if (account !== undefined) return { url: `https://${account}.queue.core.windows.net` };
  throw new GenOpsError("config", `${STORAGE}__queueServiceUri is not set: the queues of the function app are unknown`);
}
