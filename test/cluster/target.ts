import type { PolicyEvaluator } from "../support/kube-server/policies.ts";

/** A cluster that a suite runs on: the fake server or a real control plane. */
export interface ClusterTarget {
  name: string;
  provider: "aws" | "azure" | "gcp";
  /** `https://127.0.0.1:PORT` */
  server: string;
  /** PEM. */
  certificateAuthority: string;
  /** `admin` may everything, `enforcer` what RBAC objects give to the group genops:enforcer, `person` is cluster-admin. */
  tokens: { admin: string; enforcer: string; person: string };
  /** The first answer that `until` takes: read again until then on a real server; once on the fake, whose controllers act at once. */
  eventually<T>(read: () => Promise<T>, until: (value: T) => boolean): Promise<T>;
  /** On the fake only: answers for a policy in place of its expressions. */
  teach?(policyName: string, evaluate: PolicyEvaluator): void;
}

const POLL_MS = 50;
const PATIENCE_MS = 30_000;

/** Reads until it is as it should be; after half a minute it says what it was last. */
export async function poll<T>(read: () => Promise<T>, until: (value: T) => boolean): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = await read();
    if (until(value)) return value;
    if (performance.now() > deadline)
      throw new Error(`still not as expected: ${JSON.stringify(value).slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** For the fake: what is not so now never will be. */
export async function once<T>(read: () => Promise<T>, until: (value: T) => boolean): Promise<T> {
  const value = await read();
  if (!until(value)) throw new Error(`not as expected: ${JSON.stringify(value).slice(0, 2_000)}`);
  return value;
}
