import { afterAll, beforeAll } from "vitest";
import { kubeClientContract } from "../../cluster/suites/kube-client.ts";
import { once } from "../../cluster/target.ts";
import { type KubeServer, startKubeServer } from "../../support/kube-server/start.ts";

let server: KubeServer | undefined;

beforeAll(async () => {
  server = await startKubeServer({ name: "fake", authorization: "rbac" });
});
afterAll(() => server?.close());

kubeClientContract("the fake server", () => {
  if (server === undefined) throw new Error("the fake server has not started");
  const { name, url, certificateAuthority, tokens, policies } = server;
  return {
    name,
    provider: "aws",
    server: url,
    certificateAuthority,
    tokens,
    eventually: once,
    teach: (policyName, evaluate) => policies.register(({ metadata }) => metadata.name === policyName, evaluate),
  };
});
