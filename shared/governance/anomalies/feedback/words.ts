import { addDays } from "../../../core/period.ts";
import { cautionOf } from "./sensitivity.ts";
import type { Feedback } from "./types.ts";

/** Why a finding was closed: `planned by ada, 2024-09-20 to 2024-09-27: load test`. */
export function resolutionOf(said: Feedback): string {
  return `${spoken(said)}${said.note === undefined ? "" : `: ${said.note}`}`;
}

/** What it does from now on, for people: `called wrong by ada on 2024-09-20 (caution 1.5)`. */
export function effectText(said: Feedback, now: Date): string {
  if (said.kind === "expected") return `${spoken(said)}: the level since ${said.since} is normal`;
  if (said.kind === "planned") return `${spoken(said)}: nobody is told about these days`;
  return `${spoken(said)} on ${said.at.slice(0, 10)} (caution ${Math.round(cautionOf(said, now) * 100) / 100})`;
}

function spoken({ kind, by, planned }: Feedback): string {
  if (kind === "wrong") return `called wrong by ${by}`;
  if (planned === undefined) return `${kind} by ${by}`;
  return `planned by ${by}, ${planned.start} to ${addDays(planned.end, -1)}`;
}
