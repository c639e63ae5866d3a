import { GenOpsError, messageOf } from "../../../core/errors.ts";
import { isUnknownOutcome, kubeFailureOf } from "../../connections/errors.ts";
import type { KubeClient, KubeObject, ObjectRef } from "../../connections/types.ts";
import { mergePatchOf } from "../fields.ts";
import type { Send } from "../hold/verdict.ts";
import type { Hold } from "../types.ts";
import { factsOf, type Seen, versionOf } from "./look.ts";
import type { Run } from "./run.ts";

export interface Outgoing {
  hold: Hold;
  send: Send;
  conflicts: number;
}

/** A write whose answer was lost is sent again, with the same conditions, at most so often: the version decides that it happens once. */
const MOST_SENDS = 3;

/** Sends one conditional write. Undefined: it is not known what became of it; its intent stays for the next run. */
export async function sendOne(run: Run, outgoing: Outgoing): Promise<Seen | undefined> {
  const { live, isFirst } = outgoing.send;
  for (let attempt = 1; attempt <= MOST_SENDS; attempt++) {
    const closed = await run.gate();
    if (closed !== undefined) {
      run.aborted ??= closed;
      return attempt === 1 && isFirst ? seenAfter(run, outgoing, live, { notSent: closed }) : undefined;
    }
    const seen = await sendOnce(run, outgoing, attempt === 1 && isFirst);
    if (seen === "unreadable") break;
    if (seen !== "again") return seen;
  }
  run.blast.failed++;
  return undefined;
}

/** `isOnly`: no earlier attempt may still arrive. */
async function sendOnce(run: Run, outgoing: Outgoing, isOnly: boolean): Promise<Seen | "again" | "unreadable"> {
  const { hold, send, conflicts } = outgoing;
  const tried = await trySend(run, hold.ref, send);
  if (tried.kind === "done") return seenAfter(run, outgoing, tried.live);
  if (tried.kind === "refused" || (tried.kind === "not-sent" && isOnly)) {
    run.blast.failed++;
    const event = tried.kind === "refused" ? { refused: tried.words } : { notSent: tried.words };
    return seenAfter(run, outgoing, send.live, event);
  }
  const live = await reread(run, hold.ref);
  if (live === "unreadable") return live;
  if (tried.kind === "conflict") return seenAfter(run, { ...outgoing, conflicts: conflicts + 1 }, live);
  return live?.metadata.resourceVersion === send.resourceVersion ? "again" : seenAfter(run, outgoing, live);
}

async function seenAfter(
  run: Run,
  { hold, conflicts }: Outgoing,
  live: KubeObject | undefined,
  event?: Seen["event"],
): Promise<Seen> {
  const facts = await factsOf(run, hold, live);
  return { ref: hold.ref, basis: versionOf(hold), live, facts, conflicts, ...(event === undefined ? {} : { event }) };
}

type Tried = { kind: "done"; live: KubeObject | undefined } | { kind: FailureKind; words: string };

async function trySend(run: Run, ref: ObjectRef, send: Send): Promise<Tried> {
  try {
    const live = await carryOut(run.deps.client, ref, send);
    if (live !== undefined) return { kind: "done", live };
  } catch (error) {
    return { kind: failureKind(error), words: messageOf(error) };
  }
  const live = await reread(run, ref);
  return live === "unreadable" ? { kind: "unknown", words: "" } : { kind: "done", live };
}

/** The object as the server has it after the write; undefined after a scale, which answers nothing. Also for the dry-run client. */
export async function carryOut(client: KubeClient, ref: ObjectRef, send: Send): Promise<KubeObject | undefined> {
  const when = { uid: ref.uid, resourceVersion: send.resourceVersion };
  if (send.kind === "patch") return client.mergePatch(ref, mergePatchOf(send.values, send.live), when);
  await client.scale(ref, send.replicas, when);
  return undefined;
}

type FailureKind = "conflict" | "refused" | "not-sent" | "unknown";

export function failureKind(error: unknown): FailureKind {
  if (!(error instanceof GenOpsError)) throw error;
  if (error.code === "conflict" || kubeFailureOf(error)?.status === 404) return "conflict";
  if (isUnknownOutcome(error)) return "unknown";
  return error.code === "refused" ? "refused" : "not-sent";
}

async function reread(run: Run, ref: ObjectRef): Promise<KubeObject | undefined | "unreadable"> {
  try {
    return await run.deps.client.get(ref);
  } catch (error) {
    run.deps.log(messageOf(error));
    return "unreadable";
  }
}
