import { createFakeClock, type FakeClock } from "../fake-clock.ts";
import { type KubeServer, type KubeServerOptions, startKubeServer } from "../kube-server/start.ts";
import { createMemoryLake, type MemoryLake } from "../memory-lake.ts";
import { createEnforcer, type Enforcer, type EnforcerOptions } from "./world.ts";

export interface FakeWorld {
  server: KubeServer;
  clock: FakeClock;
  store: MemoryLake;
  clusterUid: string;
  enforcer(options?: Partial<EnforcerOptions>): Enforcer;
  close(): Promise<void>;
}

/** A fake cluster, a lake and a clock that all share one time. */
export async function openFakeWorld(options: KubeServerOptions = {}): Promise<FakeWorld> {
  const clock = createFakeClock("2026-11-22T12:00:00.000Z");
  const server = await startKubeServer({ name: "fake", nodes: 1, now: () => clock.now(), ...options });
  const store = createMemoryLake(() => clock.now());
  const { url, certificateAuthority, tokens } = server;
  const reach = { cluster: "fake", server: url, certificateAuthority, token: tokens.enforcer };
  const clusterUid = server.get({ apiVersion: "v1", kind: "Namespace", name: "kube-system" })?.metadata.uid ?? "";
  return {
    server,
    clock,
    store,
    clusterUid,
    enforcer: (more = {}) => createEnforcer(reach, { clock, store, ...more }),
    close: () => server.close(),
  };
}
