import type { KubeObject } from "../../connections/types.ts";
import { subjectOf } from "../actions/common/references.ts";
import type { Hold } from "../types.ts";
import { gitSnippet } from "./git-snippets.ts";
import { activeLayers } from "./hold.ts";
import { describeOwner, type FieldOwner, ownerOf } from "./managers.ts";
import type { Notice } from "./verdict.ts";

/** A value that is reverted twice within this time is contested. */
const CONTEST_MS = 30 * 60_000;

interface RevertVerdict {
  hold: Hold;
  /** Write our values once more? */
  putRight: boolean;
  notice?: Notice;
}

/**
 * Fields of ours were changed by somebody else while we want them. A person's change stays. A controller's or Git's is put right once; the second
 * time within 30 minutes we stop and tell. `fresh`: our values had been there since the last one that was counted.
 */
export function judgeReverts(
  hold: Hold,
  live: KubeObject,
  pointers: readonly string[],
  now: string,
  fresh: boolean,
): RevertVerdict {
  const owners = pointers.map((pointer) => ({ pointer, owner: ownerOf(live, pointer) }));
  const person = owners.find(({ owner }) => owner === undefined || owner.kind === "person");
  if (person !== undefined) return overridden(hold, person.pointer, person.owner, now);
  const other = owners.find(({ owner }) => owner?.kind === "controller");
  if (other?.owner === undefined) return { hold, putRight: true };
  const recent = hold.reverts.filter(({ at }) => Date.parse(now) - Date.parse(at) < CONTEST_MS);
  const { manager, at = now } = other.owner;
  const counted = !fresh || recent.some((each) => each.manager === manager && each.at === at);
  const reverts = counted ? recent : [...recent, { at, manager }];
  const known = { ...hold, reverts };
  return reverts.length >= 2
    ? contested(known, live, pointers, other, now)
    : { hold: known, putRight: true, ...(counted ? {} : { notice: noticeOf(known, "reverted", other) }) };
}

type Found = { pointer: string; owner: FieldOwner | undefined };

function overridden(hold: Hold, pointer: string, owner: FieldOwner | undefined, now: string): RevertVerdict {
  const notice = noticeOf(hold, "overridden", { pointer, owner });
  return { hold: { ...hold, state: "overridden", detail: notice.text, changedAt: now }, putRight: false, notice };
}

function contested(
  hold: Hold,
  live: KubeObject,
  pointers: readonly string[],
  found: Found,
  now: string,
): RevertVerdict {
  const hint = gitSnippet(found.owner?.manager ?? "", hold.ref, live, pointers);
  const notice = { ...noticeOf(hold, "contested", found), ...(hint === undefined ? {} : { hint }) };
  return { hold: { ...hold, state: "contested", detail: notice.text, changedAt: now }, putRight: false, notice };
}

const WORDS = {
  overridden: "left as it is",
  contested: "for the second time within 30 minutes: GenOps stops here",
  reverted: "put right once",
};

function noticeOf(hold: Hold, kind: keyof typeof WORDS, { pointer, owner }: Found): Notice {
  const subject = subjectOf(hold.ref);
  const text = `${subject}: ${pointer} was changed by ${describeOwner(owner)}, ${WORDS[kind]}`;
  return { kind, subject, text, steps: activeLayers(hold).map(({ step }) => step) };
}
