import { afterAll, describe, expect, it } from "vitest";
import { guardRails } from "../../../cluster/suites/guard-rails.ts";
import { kubeRequest } from "../../../support/kube-request.ts";
import { type KubeServer, startKubeServer } from "../../../support/kube-server/start.ts";

let server: KubeServer | undefined;
afterAll(() => server?.close());

guardRails("the server in this process (RBAC only)", false, async () => {
  const started = await startKubeServer({ authorization: "rbac" });
  server = started;
  const access = { server: started.url, ca: started.certificateAuthority, tokens: started.tokens };
  return { request: (method, path, body, user = "admin") => kubeRequest(access, method, path, body, user) };
});

describe("after all of it", () => {
  it("the secret was never read by our identity", () => {
    const read = server?.requests.filter(({ method, path }) => method === "GET" && path.includes("/secrets/"));
    expect(read?.map(({ status }) => status)).toEqual([403]);
  });
});
