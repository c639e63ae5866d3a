import type { Hook, Hooks } from "../../shared/interfaces/hooks/types.ts";

/** Webhooks that nobody has set up. */
export function noHooks(): Hooks {
  const hook: Hook = async () => ({ status: "unconfigured", detail: "Set alerts in genops.yaml." });
  return { sns: hook, azureMonitor: hook, pubsub: hook, slack: hook };
}
