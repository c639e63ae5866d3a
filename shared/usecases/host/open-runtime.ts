import { AsyncLocalStorage } from "node:async_hooks";
import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { GenOpsError } from "../../core/errors.ts";
import { createSystemClock, createSystemRandomness } from "../../platforms/local/system.ts";
import { createTempFolder } from "../../platforms/local/temp-folders.ts";
import type { Platform } from "../../ports/platform.ts";
import { createRuntime, type Runtime } from "../runtime.ts";
import { refuseStaticVariables } from "../static-environment.ts";
import { loadConfig } from "./load-config.ts";
import { createRoutedBus, type RoutedBus } from "./route-events.ts";

/** A process may live for hours; a changed configuration or secret is to be seen within this time. */
const MAX_AGE_MS = 5 * 60_000;

export interface RuntimeKeeper {
  /** The runtime of this process, opened at the first call and again when it is old. A failure is not kept. */
  get(): Promise<Runtime>;
  events: RoutedBus;
  /** Runs work whose temporary folders go away with it: `/tmp` outlives an invocation. */
  withTempFolder<T>(work: () => Promise<T>): Promise<T>;
}

export function keepRuntime(platform: Platform): RuntimeKeeper {
  const clock = createSystemClock(pinnedInstant(platform));
  const randomness = createSystemRandomness();
  const events = createRoutedBus(platform);
  const folder = new AsyncLocalStorage<string>();
  let kept: { runtime: Promise<Runtime>; since: number } | undefined;

  async function open(): Promise<Runtime> {
    const { environment } = platform;
    // A deployment that cannot leave a variable out leaves it empty.
    const setting = (name: string) => (environment[name] === "" ? undefined : environment[name]);
    const config = await loadConfig({ platform, createTempFolder });
    if (!config.allowStaticCredentials) await refuseStaticVariables(environment);
    return createRuntime({
      config,
      lake: setting("GENOPS_LAKE"),
      home: setting("GENOPS_HOME"),
      cloud: platform.name,
      environment,
      clock,
      randomness,
      events,
      progress: { report: () => {}, note: () => {} },
      createTempFolder: (name) => {
        const parent = folder.getStore();
        return parent === undefined ? createTempFolder(name) : mkdtemp(path.join(parent, `${name}-`));
      },
    });
  }

  return {
    events,
    get() {
      const now = clock.now().getTime();
      if (kept !== undefined && now - kept.since < MAX_AGE_MS) return kept.runtime;
      const opened = { runtime: open(), since: now };
      kept = opened;
      opened.runtime.catch(() => {
        if (kept === opened) kept = undefined;
      });
      return opened.runtime;
    },
    async withTempFolder(work) {
      const own = await createTempFolder("call");
      try {
        return await folder.run(own, work);
      } finally {
        await rm(own, { recursive: true, force: true });
      }
    },
  };
}

/** `GENOPS_NOW`: what "today" means to budgets and forecasts, for rehearsals on old bills. */
function pinnedInstant({ environment }: Platform): Date | undefined {
  const text = environment["GENOPS_NOW"];
  if (text === undefined || text === "") return undefined;
  const instant = new Date(text);
  if (!Number.isNaN(instant.getTime())) return instant;
  throw new GenOpsError("config", `GENOPS_NOW ${text}: write an instant such as 2024-09-30T12:00:00Z`);
}
