import { afterAll, describe, expect, it } from "vitest";
import { type ControlPlane, startControlPlane } from "../support/control-planes.ts";
import { kubeRequest } from "../support/kube-request.ts";
import { writeKubeconfig } from "../support/kubeconfig-file.ts";
import { examined, folders } from "../unit/usecases/doctor/support.ts";
import { type GuardedServer, guardRails, install } from "./suites/guard-rails.ts";

/** One of its own: on the shared ones other tests bind the enforcer. */
let plane: ControlPlane | undefined;
afterAll(async () => {
  await plane?.stop();
  await folders.clean();
});

async function open(): Promise<GuardedServer & { plane: ControlPlane }> {
  const started = plane ?? (await startControlPlane({ name: "guarded", provider: "aws" }));
  plane = started;
  return {
    plane: started,
    request: (method, path, body, user = "admin") => kubeRequest(started, method, path, body, user),
  };
}

guardRails("a real control plane", true, open);

describe("the doctor on a real control plane", () => {
  it.each(["standard", "scale-only"] as const)("finds the mode %s as shipped in order", async (mode) => {
    const server = await open();
    await install(server, mode);
    const { server: address, ca, tokens } = server.plane;
    const user = { token: tokens.enforcer };
    const kubeconfig = await writeKubeconfig(await folders.make(), { server: address, certificateAuthority: ca, user });
    const cluster = { name: "real", provider: "kubeconfig", kubeconfig, rights: mode };
    const config = { lake: "file:./lake", sources: [], clusters: [cluster], allowStaticCredentials: true };
    const checks = (await examined(JSON.stringify(config))).filter(({ what }) => what.startsWith("cluster real"));
    expect(checks.map(({ what, ok }) => `${what}: ${ok}`)).toEqual(
      ["connection", "opted in", "guard", "rights", "no other rights"].map((what) => `cluster real: ${what}: true`),
    );
    const guard = checks.find(({ what }) => what.endsWith("guard"));
    expect(guard?.detail).toContain(mode === "standard" ? "it holds this identity" : "cannot be tried");
  });
});
