import { afterAll, beforeAll, describe } from "vitest";
import { type ControlPlane, startControlPlane } from "../../support/control-planes.ts";
import { kubeRequest } from "../../support/kube-request.ts";
import { describeEnforcement } from "../../cluster/suites/enforcement.ts";
import { install } from "../../cluster/suites/guard-rails.ts";
import { poll } from "../../cluster/target.ts";

/** Clusters of this file's own: with our rights as shipped, people's actions included, and the guard. */
describe.each(["aws"] as const)("with the rights as shipped, %s", (provider) => {
  let plane: ControlPlane | undefined;

  beforeAll(async () => {
    const started = await startControlPlane({ name: `enforced-${provider}`, provider });
    plane = started;
    await install(
      { request: (method, path, body, user = "admin") => kubeRequest(started, method, path, body, user) },
      "standard",
      { human: true },
    );
  });
  afterAll(() => plane?.stop());

  describeEnforcement(`a real control plane of ${provider}`, () => {
    if (plane === undefined) throw new Error("the control plane has not started");
    const { name, server, ca, tokens } = plane;
    return { name, provider, server, certificateAuthority: ca, tokens, eventually: poll };
  });
});
