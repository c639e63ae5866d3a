import { afterAll, beforeAll, describe } from "vitest";
import { type ControlPlane, startControlPlane } from "../support/control-planes.ts";
import { kubeRequest } from "../support/kube-request.ts";
import { install } from "./suites/guard-rails.ts";
import { type ClusterTarget, poll } from "./target.ts";

export interface GuardedOptions {
  /** Of its control planes: `budget` → `budget-aws`. */
  prefix: string;
  /** People's actions too: the rights of `deploy/kubernetes/components/human`. */
  human?: boolean;
}

/**
 * Three clusters of a file's own, one per cloud and one after the other, with our rights as shipped and the guard: on the shared ones these would
 * be in the way of other suites.
 */
export function onGuardedPlanes(
  { prefix, human = false }: GuardedOptions,
  suite: (name: string, targetOf: () => ClusterTarget, planeOf: () => ControlPlane) => void,
): void {
  describe.each(["aws", "azure", "gcp"] as const)("with the rights as shipped, %s", (provider) => {
    let plane: ControlPlane | undefined;

    beforeAll(async () => {
      const started = await startControlPlane({ name: `${prefix}-${provider}`, provider });
      plane = started;
      await install(
        { request: (method, path, body, user = "admin") => kubeRequest(started, method, path, body, user) },
        "standard",
        { human },
      );
    });
    afterAll(() => plane?.stop());

    const planeOf = () => {
      if (plane === undefined) throw new Error("the control plane has not started");
      return plane;
    };
    const targetOf = (): ClusterTarget => {
      const { name, server, ca, tokens } = planeOf();
      return { name, provider, server, certificateAuthority: ca, tokens, eventually: poll };
    };
    suite(`a real control plane of ${provider}`, targetOf, planeOf);
  });
}
