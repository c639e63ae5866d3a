import { afterAll, beforeAll } from "vitest";
import { describeConformance } from "../../cluster/suites/conformance.ts";
import { once } from "../../cluster/target.ts";
import { type KubeServer, startKubeServer } from "../../support/kube-server/start.ts";

let server: KubeServer | undefined;

beforeAll(async () => {
  server = await startKubeServer({ name: "fake", authorization: "rbac" });
});
afterAll(() => server?.close());

describeConformance("fake server", () => {
  if (server === undefined) throw new Error("the fake server has not started");
  const { name, url, certificateAuthority, tokens } = server;
  return {
    name,
    provider: "aws",
    server: url,
    certificateAuthority,
    tokens,
    eventually: once,
  };
});
