import { afterAll } from "vitest";
import { type ControlPlane, startControlPlane } from "../support/control-planes.ts";
import { kubeRequest } from "../support/kube-request.ts";
import { guardRails } from "./suites/guard-rails.ts";

/** One of its own: on the shared ones other tests bind the enforcer. */
let plane: ControlPlane | undefined;
afterAll(() => plane?.stop());

guardRails("a real control plane", true, async () => {
  const started = await startControlPlane({ name: "guarded", provider: "aws" });
  plane = started;
  return {
    request: (method, path, body, user = "admin") => kubeRequest(started, method, path, body, user),
  };
});
