import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../../ports/clock.ts";
import type { Randomness } from "../../ports/randomness.ts";
import type { Secrets } from "../../ports/secrets.ts";

/**
 * The machine's clock; `pinned` (from `--now`) is what "today" means. With `shifted` the wall clock starts at `pinned` too and goes on
 * from there: for a lake that is thrown away, so that samples of the past look as they did then.
 */
export function createSystemClock(pinned?: Date, shifted = false): Clock {
  const offsetMs = pinned === undefined || !shifted ? 0 : pinned.getTime() - Date.now();
  return {
    now: () => new Date(Date.now() + offsetMs),
    evaluationNow: () => pinned ?? new Date(),
    async sleep(ms, signal) {
      await wait(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    },
  };
}

export function createSystemRandomness(): Randomness {
  return {
    id: () => randomBytes(16).toString("hex"),
    fraction: () => randomBytes(4).readUInt32LE() / 2 ** 32,
  };
}

/** `${env:NAME}` from the environment, `${secret:NAME}` from a file of that name in `GENOPS_SECRETS_DIR` (as Kubernetes mounts them). */
export function createLocalSecrets(environment: Readonly<Record<string, string | undefined>>): Secrets {
  return {
    read(kind, name) {
      if (kind === "env") return environment[name];
      const folder = environment["GENOPS_SECRETS_DIR"];
      if (folder === undefined || !/^[\w.-]+$/.test(name) || name.startsWith(".")) return undefined;
      try {
        return readFileSync(path.join(folder, name), "utf8").replace(/\r?\n$/, "");
      } catch {
        return undefined;
      }
    },
  };
}
