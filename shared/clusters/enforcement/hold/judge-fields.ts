import { subjectOf } from "../actions/common/references.ts";
import { readField, sameValue } from "../fields.ts";
import type { HoldLayer } from "../types.ts";
import { compare } from "./compare.ts";
import { activeLayers, forgetFields, type Values } from "./hold.ts";
import { describeOwner, ownerOf } from "./managers.ts";
import { isMarked } from "./marks.ts";
import { judgeReverts } from "./reverts.ts";
import { KEPT } from "./settle-hold.ts";
import type { Work } from "./verdict.ts";
import { wanted } from "./wanted.ts";

/** Compares until nothing is left that somebody else decides; what to write is then what differs. */
export function judgeFields(work: Work): Values {
  const { live, look } = work;
  for (;;) {
    const values = wanted(work.hold, live, look.facts);
    const { reverted, takenBefore, kept } = compare(work.hold, live, values);
    if (takenBefore.length > 0) {
      cancel(work, takenBefore);
    } else if (kept.length > 0) {
      keep(work, kept);
    } else {
      if (reverted.length === 0 || isStopped(work)) return values;
      if (takeReverts(work, reverted) === "decided") return values;
    }
  }
}

/** They stay as somebody else set them. It is noted with the layers that leave, so that it is still known when they end. */
function keep(work: Work, pointers: readonly string[]): void {
  const { hold, live } = work;
  const subject = subjectOf(hold.ref);
  const layers = hold.layers.map((layer) => {
    const pointer = pointers.find((each) => layer.fields[each] !== undefined);
    if (layer.leaving === undefined || pointer === undefined) return layer;
    const outcome = `${KEPT}${describeOwner(ownerOf(live, pointer))}`;
    work.notices.push({
      kind: "kept",
      subject,
      text: `${subject}: ${pointer} was ${outcome}: kept`,
      steps: [layer.step],
    });
    return { ...layer, leaving: outcome };
  });
  work.hold = forgetFields({ ...hold, layers }, pointers);
}

/** Somebody was faster: the layers that wanted these fields have never been in force. */
function cancel(work: Work, pointers: readonly string[]): void {
  const { hold, live } = work;
  const names = (layer: HoldLayer) => pointers.find((pointer) => layer.fields[pointer] !== undefined);
  for (const layer of hold.layers) {
    const pointer = names(layer);
    if (pointer === undefined) continue;
    const who = describeOwner(ownerOf(live, pointer));
    work.ended.push({
      layer,
      kind: "taken",
      outcome: `cancelled: ${pointer} was changed by ${who} since it was planned`,
    });
  }
  work.hold = forgetFields({ ...hold, layers: hold.layers.filter((layer) => names(layer) === undefined) }, pointers);
}

function takeReverts(work: Work, reverted: readonly string[]): "decided" | "again" {
  if (isRestored(work, reverted)) {
    const layers = work.hold.layers.map((layer) => ({
      ...layer,
      leaving: layer.leaving ?? "restored from its annotations",
    }));
    work.hold = { ...work.hold, layers };
    return "again";
  }
  const verdict = judgeReverts(work.hold, work.live, reverted, work.look.now, work.fresh);
  work.hold = verdict.hold;
  if (verdict.notice !== undefined) work.notices.push(verdict.notice);
  return "decided";
}

/** Everything is as it was, our mark is gone, and it was us: restored from the annotations, while the document was away. */
function isRestored({ hold, live }: Work, reverted: readonly string[]): boolean {
  if (hold.via !== "patch" || isMarked(live)) return false;
  const owners = reverted.map((pointer) => ownerOf(live, pointer)?.kind);
  const isOurs = owners.includes("us") && owners.every((owner) => owner === "us" || owner === undefined);
  return (
    isOurs &&
    Object.entries(hold.originals).every(([pointer, value]) => sameValue(readField(live, pointer), value, pointer))
  );
}

/** Overridden and contested objects are left alone for as long as anybody wants something of them. */
export function isStopped({ hold }: Work): boolean {
  return (hold.state === "overridden" || hold.state === "contested") && activeLayers(hold).length > 0;
}
