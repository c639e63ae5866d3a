import { readDocument, updateDocument } from "../../ledger/json-document.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Notifier } from "../../ports/notifier.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import { QueueState, queueKey } from "./outbox-documents.ts";

/**
 * A notifier that can say where it delivers to: a fingerprint, so that "this endpoint is gone" ends when another is
 * configured.
 */
export interface AddressedNotifier extends Notifier {
  readonly endpoint?: string;
}

interface QueueDeps {
  store: ObjectStore;
  clock: Clock;
}

export type QueueBlock = { held: Date } | { disabled: string } | undefined;

/** Why nothing of this notifier may be sent now. A hold that is over and a mark of another endpoint are removed. */
export async function queueBlock(deps: QueueDeps, notifier: AddressedNotifier): Promise<QueueBlock> {
  const key = queueKey(notifier.id);
  const state = (await readDocument(deps.store, key, QueueState))?.value;
  if (state === undefined) return undefined;
  const now = deps.clock.now().toISOString();
  if (state.disabled !== undefined && state.disabled.endpoint === endpointOf(notifier))
    return { disabled: state.disabled.reason };
  if (state.held !== undefined && state.held.until > now) return { held: new Date(state.held.until) };
  if (state.held !== undefined || state.disabled !== undefined) {
    await updateDocument(deps.store, key, QueueState, (current) => current && withoutStale(current, now, notifier));
  }
  return undefined;
}

function withoutStale(state: QueueState, now: string, notifier: AddressedNotifier): QueueState {
  const { held, disabled } = state;
  return {
    notifier: state.notifier,
    ...(held !== undefined && held.until > now ? { held } : {}),
    ...(disabled !== undefined && disabled.endpoint === endpointOf(notifier) ? { disabled } : {}),
  };
}

/** Nothing of this notifier is sent before `until`; a longer hold stays. */
export async function holdQueue(
  deps: QueueDeps,
  notifier: AddressedNotifier,
  until: Date,
  reason: string,
): Promise<void> {
  const held = { until: until.toISOString(), reason };
  await updateDocument(deps.store, queueKey(notifier.id), QueueState, (current) =>
    current?.held !== undefined && current.held.until >= held.until
      ? undefined
      : { ...current, notifier: notifier.id, held },
  );
}

/** Nothing is sent to this endpoint any more. */
export async function disableQueue(deps: QueueDeps, notifier: AddressedNotifier, reason: string): Promise<void> {
  const disabled = { at: deps.clock.now().toISOString(), reason, endpoint: endpointOf(notifier) };
  await updateDocument(deps.store, queueKey(notifier.id), QueueState, (current) => ({
    ...current,
    notifier: notifier.id,
    disabled,
  }));
}

function endpointOf(notifier: AddressedNotifier): string {
  return notifier.endpoint ?? "";
}
