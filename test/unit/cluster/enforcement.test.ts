import { afterAll, beforeAll } from "vitest";
import { describeEnforcement } from "../../cluster/suites/enforcement.ts";
import { once } from "../../cluster/target.ts";
import { type KubeServer, startKubeServer } from "../../support/kube-server/start.ts";

let server: KubeServer | undefined;

beforeAll(async () => {
  server = await startKubeServer({ name: "fake" });
});
afterAll(() => server?.close());

describeEnforcement("the fake server", () => {
  if (server === undefined) throw new Error("the fake server has not started");
  const { name, url, certificateAuthority, tokens } = server;
  return { name, provider: "aws", server: url, certificateAuthority, tokens, eventually: once };
});
