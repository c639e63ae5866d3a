import { OAuth2Client } from "google-auth-library";
import { createBigQueryApi } from "../../shared/platforms/gcp/bigquery.ts";
import type { BillingApis } from "../../shared/ports/billing-apis.ts";
import type { BigQueryStub } from "./bigquery-stub.ts";
import { NO_APIS, type TestCollectDeps } from "./collect-deps.ts";

/** The real client, led to the stub. */
export function bigQueryApis(
  stub: BigQueryStub,
  { clock, randomness }: Pick<TestCollectDeps, "clock" | "randomness">,
  createCredentials: () => OAuth2Client = () => googleCredentials("good"),
): BillingApis {
  const options = {
    apiEndpoint: stub.url,
    clock,
    randomness,
    createCredentials: () => Promise.resolve(createCredentials()),
  };
  return {
    ...NO_APIS,
    bigQuery: ({ project: projectId }) => Promise.resolve(createBigQueryApi({ ...options, projectId })),
  };
}

export function googleCredentials(token: string): OAuth2Client {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: token });
  return client;
}
