import { afterAll, beforeAll } from "vitest";
import { describePlanAndBack } from "../../cluster/suites/plan-and-back.ts";
import { once } from "../../cluster/target.ts";
import { type KubeServer, startKubeServer } from "../../support/kube-server/start.ts";

let server: KubeServer | undefined;

beforeAll(async () => {
  server = await startKubeServer({ name: "fake" });
});
afterAll(() => server?.close());

describePlanAndBack("the fake server", () => {
  if (server === undefined) throw new Error("the fake server has not started");
  const { name, url, certificateAuthority, tokens, access } = server;
  const serviceAccount = (namespace: string, account: string) => {
    const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
    return Promise.resolve(access.issue({ user: `system:serviceaccount:${namespace}:${account}`, groups }));
  };
  return {
    name,
    provider: "aws",
    server: url,
    certificateAuthority,
    tokens,
    eventually: once,
    serviceAccount,
  };
});
