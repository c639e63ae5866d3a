import { GenOpsError, messageOf } from "../../core/errors.ts";
import type { CloudEvent } from "../../core/events.ts";
import { createAzureHook } from "./azure-hook.ts";
import { createPubSubHook } from "./pubsub-hook.ts";
import { createSlackHook } from "./slack-hook.ts";
import type { CertificateCache } from "./sns-certificates.ts";
import { createSnsHook } from "./sns-hook.ts";
import type { Hook, HookDeps, Hooks } from "./types.ts";
import type { KeySets } from "./verify-token.ts";

/** Public keys of the senders, kept for as long as a process lives. */
export interface HookKeys {
  certificates: CertificateCache;
  keySets: KeySets;
}

export function createHookKeys(): HookKeys {
  return { certificates: new Map(), keySets: new Map() };
}

/**
 * The inbound webhooks. Each verifies its sender by the sender's own method before it reads the message, hands the message on as
 * `genops.alert.received` (a click in Slack as `genops.action.approved`) and answers; the rest is the work of `alerts` and `enforce`. What is refused is logged with its reason.
 */
export function createHooks(given: HookDeps, keys: HookKeys): Hooks {
  const deps: HookDeps = { ...given, publish: (event) => handOn(given, event) };
  const logged =
    (name: string, hook: Hook): Hook =>
    async (request) => {
      const answer = await hook(request);
      if (answer.status === "refused" || answer.status === "malformed") {
        deps.log.warn(`hook ${name}: a message was refused: ${answer.detail}`);
      }
      return answer;
    };
  return {
    sns: logged("sns", createSnsHook(deps, keys.certificates)),
    azureMonitor: logged("azure-monitor", createAzureHook(deps, keys.keySets)),
    pubsub: logged("pubsub", createPubSubHook(deps, keys.keySets)),
    slack: logged("slack", createSlackHook(deps)),
  };
}

/** Whatever failed, the message is not safe yet: 503 is the answer after which every sender tries again. */
async function handOn({ publish }: HookDeps, event: CloudEvent): Promise<void> {
  await publish(event).catch((cause: unknown) => {
    throw new GenOpsError("unavailable", `${event.type} ${event.id} could not be handed on: ${messageOf(cause)}`, {
      cause,
    });
  });
}
