import { messageOf } from "../../../core/errors.ts";
import { inParallel } from "../../../core/in-parallel.ts";
import type { KubeClient } from "../../connections/types.ts";
import { ABSENT, readField, sameValue } from "../fields.ts";
import type { Send } from "../hold/verdict.ts";
import type { Hold, Step, Write } from "../types.ts";
import { tryBilling } from "./billing-work.ts";
import { labelled, nameOf, stepOfOwn } from "./own-objects.ts";
import { AT_ONCE, type Run } from "./run.ts";
import { carryOut, failureKind } from "./send.ts";

/**
 * Sends a write of fields through the server's admission without storing it. The server's words when it refuses, or would store something else;
 * undefined when it may be sent. A version that has moved on is no refusal: it is tried on the next one, and when that goes on, the write itself
 * is decided anew.
 */
export async function tryFields(run: Run, hold: Hold, send: Send): Promise<string | undefined> {
  let next = send;
  for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
    try {
      return await tryOnce(run, hold, next);
    } catch (error) {
      if (failureKind(error) !== "conflict") return messageOf(error);
    }
    const live = await run.deps.client.get(hold.ref).catch(() => undefined);
    const resourceVersion = live?.metadata.resourceVersion;
    if (live === undefined || resourceVersion === undefined || live.metadata.uid !== hold.ref.uid) return undefined;
    next = { ...next, live, resourceVersion };
  }
  return undefined;
}

const MOST_TRIES = 3;

async function tryOnce(run: Run, hold: Hold, send: Send): Promise<string | undefined> {
  const stored = await carryOut(run.deps.dryRunClient, hold.ref, send);
  if (stored === undefined || send.kind === "scale") return undefined;
  const other = Object.entries(send.values).find(
    ([pointer, value]) => !sameValue(readField(stored, pointer), value ?? ABSENT, pointer),
  );
  return other === undefined ? undefined : `the server would store another value at ${other[0]}`;
}

export function tryAll<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  return inParallel(items, AT_ONCE, work);
}

/** The same for everything that is not fields. */
export async function tryStep(run: Run, step: Step): Promise<string | undefined> {
  try {
    return await tryWrite(run.deps.dryRunClient, step, async (write) => {
      const tried = await tryBilling(run.deps, write);
      if (!tried.ok) return tried.reason;
      if (tried.unchecked !== undefined) run.unchecked.set(step.id, tried.unchecked);
      return undefined;
    });
  } catch (error) {
    return messageOf(error);
  }
}

async function tryWrite(
  client: KubeClient,
  step: Step,
  billing: (write: Extract<Write, { kind: "billing" }>) => Promise<string | undefined>,
): Promise<string | undefined> {
  const { write } = step;
  switch (write.kind) {
    case "fields":
      return undefined;
    case "objects":
      return tryObjects(client, { ...step, step: step.id }, write.objects);
    case "billing":
      return billing(write);
    case "delete":
      await client.delete(write.target, { uid: write.target.uid });
      return undefined;
    case "evict":
      for (const pod of write.pods) await client.evict(pod, pod.uid);
      return undefined;
  }
}

async function tryObjects(
  client: KubeClient,
  work: { step: string; policy: string; expiresAt: string },
  objects: Extract<Write, { kind: "objects" }>["objects"],
): Promise<string | undefined> {
  for (const object of objects) {
    const live = await client.get(nameOf(object));
    if (live !== undefined && stepOfOwn(live) !== work.step) {
      return `${object.kind} ${object.metadata.name} is there already, and is not this step's`;
    }
    await client.apply(labelled(object, work), { force: live !== undefined });
  }
  return undefined;
}
