import { GenOpsError } from "../../../core/errors.ts";
import type { KubeClient, KubeObject } from "../../connections/types.ts";
import { subjectOf } from "../actions/common/references.ts";
import { ENFORCEMENT } from "../hold/marks.ts";
import type { OwnWork } from "../types.ts";

/** On objects of ours beside their label: enough to take them up again when the document is lost. */
const POLICY = "genops.ai/policy";
const UNTIL = "genops.ai/until";

type Marked = Pick<OwnWork, "step" | "policy" | "expiresAt">;

/** The object as it is sent: labelled as ours. */
export function labelled(object: KubeObject, { step, policy, expiresAt }: Marked): KubeObject {
  const { labels, annotations, ...rest } = object.metadata;
  const metadata = {
    ...rest,
    labels: { ...labels, [ENFORCEMENT]: step },
    annotations: { ...annotations, [POLICY]: policy, [UNTIL]: expiresAt },
  };
  return { ...object, metadata };
}

export function stepOfOwn(object: KubeObject): string | undefined {
  return object.metadata.labels?.[ENFORCEMENT];
}

/** What an object of ours tells about the step that made it. */
export function markOfOwn(object: KubeObject): { policy: string; expiresAt: string } | undefined {
  const policy = object.metadata.annotations?.[POLICY];
  const expiresAt = object.metadata.annotations?.[UNTIL];
  return policy === undefined || expiresAt === undefined ? undefined : { policy, expiresAt };
}

/**
 * Makes the objects of a step, in order; those that are there already are brought up to date. Throws `refused` where an object of that name is
 * there and not this step's.
 */
export async function makeObjects(
  client: KubeClient,
  work: Marked,
  objects: readonly KubeObject[],
  gate: Gate,
): Promise<void> {
  for (const object of objects) {
    const live = await client.get(nameOf(object));
    if (live !== undefined && stepOfOwn(live) !== work.step) throw foreign(client, live);
    await pass(gate);
    await client.apply(labelled(object, work), { force: live !== undefined });
  }
}

/** Deletes them in reverse order, each by the uid that it has now and only with our label on it. */
export async function deleteObjects(
  client: KubeClient,
  step: string,
  objects: readonly KubeObject[],
  gate: Gate,
): Promise<void> {
  for (const object of objects.toReversed()) {
    const live = await client.get(nameOf(object));
    if (live?.metadata.uid === undefined || stepOfOwn(live) !== step) continue;
    await pass(gate);
    await client.delete(nameOf(object), { uid: live.metadata.uid });
  }
}

/** Are all of them there, as this step's? Says in words what is not. */
export async function missingObject(
  client: KubeClient,
  step: string,
  objects: readonly KubeObject[],
): Promise<string | undefined> {
  for (const object of objects) {
    const live = await client.get(nameOf(object));
    if (live === undefined) return `${subjectOf(nameOf(object))} is not there any more`;
    if (stepOfOwn(live) !== step) return `${subjectOf(nameOf(object))} is not ours any more (label ${ENFORCEMENT})`;
  }
  return undefined;
}

export type Gate = () => Promise<string | undefined>;

/** Nothing was sent, because the run has ended. */
export class NotSent extends Error {}

async function pass(gate: Gate): Promise<void> {
  const closed = await gate();
  if (closed !== undefined) throw new NotSent(closed);
}

function foreign({ cluster }: KubeClient, live: KubeObject): GenOpsError {
  const holder = stepOfOwn(live);
  const whose = holder === undefined ? "it is not ours" : `it belongs to step ${holder}`;
  const message = `${subjectOf(nameOf(live))} is there already, and ${whose}`;
  return new GenOpsError("refused", message, { place: { source: cluster } });
}

export function nameOf({ apiVersion, kind, metadata: { namespace, name } }: KubeObject) {
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}
