import type { TestProject } from "vitest/node";
import { assertConditions } from "../support/servers/assert-conditions.ts";
import type { TestServer } from "../support/servers/http-server.ts";
import { startAzurite, startFakeGcsServer, startMoto } from "../support/servers/real-servers.ts";
import { STORE_KINDS } from "../support/servers/store-kinds.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Addresses of the servers behind `STORE_KINDS`. */
    storeServers: Record<"S3" | "Blob" | "GCS", string>;
  }
}

/** One server of each kind for all files of the project, after it has shown that it keeps conditions. Each test makes a bucket of its own. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = await Promise.allSettled([startMoto(), startAzurite(), startFakeGcsServer()]);
  const servers = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const close = async () => void (await Promise.all(servers.map((server) => server.close())));
  const failure = started.find((result) => result.status === "rejected");
  if (failure !== undefined) {
    await close();
    throw failure.reason;
  }
  const [S3, Blob, GCS] = servers.map(({ url }: TestServer) => url) as [string, string, string];
  const urls = { S3, Blob, GCS };
  try {
    for (const { name, createStore } of STORE_KINDS) {
      await assertConditions(`the server for ${name}`, await (await createStore(urls[name])).openRemote());
    }
  } catch (error) {
    await close();
    throw error;
  }
  project.provide("storeServers", urls);
  return close;
}
