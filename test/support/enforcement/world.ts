import { createKubeClient } from "../../../shared/clusters/connections/kube-client.ts";
import type { KubeClient } from "../../../shared/clusters/connections/types.ts";
import type { TransactionDeps } from "../../../shared/clusters/enforcement/transaction/types.ts";
import { parseDecimal } from "../../../shared/core/decimal.ts";
import type { Clock } from "../../../shared/ports/clock.ts";
import type { ObjectStore } from "../../../shared/ports/object-store.ts";
import type { Randomness } from "../../../shared/ports/randomness.ts";
import { createMemoryLake } from "../memory-lake.ts";

/** How to reach the cluster of a test: the fake server or a real control plane. */
interface Reach {
  cluster: string;
  server: string;
  certificateAuthority: string;
  token: string;
}

export interface Enforcer {
  deps: TransactionDeps;
  store: ObjectStore;
  log: string[];
}

export interface EnforcerOptions {
  clock: Clock;
  store?: ObjectStore;
  stopped?: () => boolean;
  caps?: Partial<TransactionDeps["caps"]>;
  billing?: TransactionDeps["billing"];
  wrap?(client: KubeClient): KubeClient;
  deadline?: Date;
  /** Repeats of a request where that is safe; the client's own default unless said. */
  repeats?: number;
  /** Milliseconds until a request without an answer is given up. */
  timeoutMs?: number;
  token?: () => string;
}

/** Ids in order; jitter in the middle. */
function countingRandomness(prefix = "id"): Randomness {
  let count = 0;
  return { id: () => `${prefix}-${++count}`, fraction: () => 0.5 };
}

let made = 0;

/** One enforcer, with its own client, on a cluster; several share a store. */
export function createEnforcer(reach: Reach, options: EnforcerOptions): Enforcer {
  const {
    clock,
    store = createMemoryLake(() => clock.now()),
    stopped = () => false,
    wrap = (client) => client,
  } = options;
  const randomness = countingRandomness(`e${++made}`);
  const open = (dryRun: boolean) =>
    createKubeClient({
      cluster: reach.cluster,
      access: {
        server: reach.server,
        certificateAuthority: reach.certificateAuthority,
        token: () => Promise.resolve({ value: options.token?.() ?? reach.token, expiresAt: new Date(8.64e15) }),
      },
      clock,
      randomness,
      version: "0.0.0",
      runId: "test",
      dryRun,
      repeats: options.repeats,
      ...(options.timeoutMs === undefined
        ? {}
        : { timeouts: { headersMs: options.timeoutMs, totalMs: options.timeoutMs } }),
    });
  const log: string[] = [];
  const deps: TransactionDeps = {
    client: wrap(open(false)),
    dryRunClient: open(true),
    store,
    clock,
    randomness,
    log: (text) => void log.push(text),
    isStopped: () => Promise.resolve(stopped()),
    deadline: options.deadline ?? new Date(clock.now().getTime() + 3_600_000),
    caps: { objectsPerRun: 1_000, restoresPerRun: 1_000, failedShare: parseDecimal("0.3"), ...options.caps },
    ...(options.billing === undefined ? {} : { billing: options.billing }),
  };
  return { deps, store, log };
}
