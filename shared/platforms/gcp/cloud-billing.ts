import { CloudBillingClient, CloudCatalogClient, type protos } from "@google-cloud/billing";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import type { CloudBillingApi, ProjectBilling } from "../../ports/cloud-billing.ts";
import { catalogSku } from "./catalog-sku.ts";
import type { GoogleCredentials } from "./credentials.ts";
import { createCaller, credentialsMissing, type RetryDeps, statusOf } from "./retry.ts";

export interface CloudBillingConfig extends RetryDeps {
  /** Instead of Google's, for tests: plain HTTP. */
  endpoint?: { host: string; port: number };
  /** Credentials with a fresh token; asked for again when a token is not accepted. Undefined: application default credentials. */
  createCredentials?: () => Promise<GoogleCredentials | undefined>;
}

type ProjectInfo = protos.google.cloud.billing.v1.IProjectBillingInfo;

interface Clients {
  billing: CloudBillingClient;
  catalog: CloudCatalogClient;
}

/** Without these the client pages by itself, and out of reach of our retries. */
const PAGED = { autoPaginate: false };
const PAGE = { pageSize: 5000 };
const PASSING = new Set([0, 408, 429, 500, 502, 503, 504]);

/** Cloud Billing through its own clients over REST, which retry nothing by themselves. Reads only. */
export function createCloudBillingApi(config: CloudBillingConfig): CloudBillingApi {
  const call = createCaller(config, () => openClients(config), billingError);
  const read = <T>(page: (clients: Clients, pageToken: string) => Promise<Page<T>>) =>
    pages((pageToken) => call((clients) => page(clients, pageToken)));

  return {
    async *billingAccounts() {
      const accounts = read(async ({ billing }, pageToken) =>
        pageOf(await billing.listBillingAccounts({ pageToken }, PAGED)),
      );
      for await (const { name, displayName, open, masterBillingAccount } of accounts) {
        const parent = lastPart(masterBillingAccount);
        yield {
          id: lastPart(name),
          name: displayName ?? "",
          open: open === true,
          ...(parent === "" ? {} : { parent }),
        };
      }
    },
    async *projectsOf(billingAccount) {
      const projects = read(async ({ billing }, pageToken) =>
        pageOf(await billing.listProjectBillingInfo({ name: `billingAccounts/${billingAccount}`, pageToken }, PAGED)),
      );
      for await (const project of projects) yield projectBilling(project);
    },
    async accountOf(project) {
      const [info] = await call(({ billing }) => billing.getProjectBillingInfo({ name: `projects/${project}` }));
      return projectBilling(info).billingAccount;
    },
    async *services() {
      const services = read(async ({ catalog }, pageToken) =>
        pageOf(await catalog.listServices({ ...PAGE, pageToken }, PAGED)),
      );
      for await (const { serviceId, displayName } of services) yield { id: serviceId ?? "", name: displayName ?? "" };
    },
    async *skus(service, currencyCode) {
      const parent = `services/${service}`;
      const skus = read(async ({ catalog }, pageToken) =>
        pageOf(await catalog.listSkus({ parent, currencyCode, ...PAGE, pageToken }, PAGED)),
      );
      for await (const sku of skus) yield catalogSku(service, sku);
    },
  };
}

async function openClients({ endpoint, createCredentials }: CloudBillingConfig): Promise<Clients> {
  const authClient = await createCredentials?.();
  const options: ConstructorParameters<typeof CloudBillingClient>[0] = {
    fallback: true,
    ...(endpoint === undefined ? {} : { protocol: "http", apiEndpoint: endpoint.host, port: endpoint.port }),
  };
  // The client's types name the older google-auth-library that it brings along; at run time it asks for a token, whatever class has it.
  if (authClient !== undefined) Object.assign(options, { authClient });
  return { billing: new CloudBillingClient(options), catalog: new CloudCatalogClient(options) };
}

interface Page<T> {
  items: T[];
  nextPageToken: string;
}

function pageOf<T>([items, , response]: [T[], unknown, { nextPageToken?: string | null }]): Page<T> {
  return { items, nextPageToken: response.nextPageToken ?? "" };
}

async function* pages<T>(read: (pageToken: string) => Promise<Page<T>>): AsyncIterable<T> {
  let pageToken = "";
  do {
    const page = await read(pageToken);
    yield* page.items;
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
}

function projectBilling({ projectId, billingAccountName, billingEnabled }: ProjectInfo): ProjectBilling {
  const billingAccount = lastPart(billingAccountName);
  return {
    project: projectId ?? "",
    enabled: billingEnabled === true,
    ...(billingAccount === "" ? {} : { billingAccount }),
  };
}

/** `billingAccounts/012345-567890-ABCDEF` → the id. */
function lastPart(name: string | null | undefined): string {
  return name?.split("/").at(-1) ?? "";
}

function billingError(error: unknown): GenOpsError {
  return credentialsMissing(error) ?? answerError(error);
}

function answerError(error: unknown): GenOpsError {
  const status = statusOf(error);
  const said = saidBy(error);
  if (PASSING.has(status))
    return new GenOpsError("unavailable", `Cloud Billing did not answer: ${said}`, { cause: error });
  const hint =
    status === 401 || status === 403
      ? "; grant roles/billing.viewer on the billing account and enable cloudbilling.googleapis.com"
      : "";
  return new GenOpsError("config", `Cloud Billing refused (${status}): ${said}${hint}`, { cause: error });
}

/** The REST fallback throws the answer's JSON as the message. */
function saidBy(error: unknown): string {
  const text = messageOf(error);
  try {
    const parsed: { error?: { message?: unknown } } = JSON.parse(text);
    return typeof parsed.error?.message === "string" ? parsed.error.message : text;
  } catch {
    return text;
  }
}
