import { nextWants } from "../../clusters/enforcement/plan/wants.ts";
import { NO_WANTS, type WantsState, wantsOf } from "../../clusters/enforcement/plan/wants-state.ts";
import type { RestoreReason, Want } from "../../clusters/enforcement/types.ts";
import { RUNGS } from "../../clusters/enforcement/types.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { Scope } from "../../core/finding.ts";
import { addDays, dayOf, monthDays, monthOf } from "../../core/period.ts";
import { type BudgetStanding, STANDINGS_KEY, StandingsSchema } from "../../governance/budgets/standing.ts";
import { readDocument, updateDocument } from "../../ledger/json-document.ts";
import type { Runtime } from "../runtime.ts";
import { WANTS_KEY, WantsSchema } from "./wants-document.ts";

/** What is wanted, and why thresholds that are reached are not acted on (yet). */
export interface SettledWants {
  wants: readonly Want[];
  /** Policies that were wanted and are no longer, and why. */
  ended: ReadonlyMap<string, RestoreReason>;
  /** Of the slowest bill that they were decided on. */
  dataAgeHours: number | undefined;
  notYet: readonly { policy: string; reason: string }[];
}

/** Takes the last evaluation's word and turns it into wants, with their hysteresis; kept in `enforcement/wants.json`. */
export async function settleWants(runtime: Runtime): Promise<SettledWants> {
  const { lake, clock, config } = runtime;
  const now = clock.evaluationNow();
  const standings = await readStandings(runtime);
  let before: WantsState = NO_WANTS;
  const state = await updateDocument(lake, WANTS_KEY, WantsSchema, (current) => {
    before = current ?? NO_WANTS;
    return nextWants(before, standings, now, config.enforcement);
  });
  return settled(before, state ?? NO_WANTS, standings, now);
}

/** The same for a preview: nothing is remembered, and a threshold that has fired is wanted at once; what it still waits for is said. */
export async function wantsNow(runtime: Runtime): Promise<SettledWants> {
  const { lake, clock, config } = runtime;
  const now = clock.evaluationNow();
  const standings = await readStandings(runtime);
  const before = (await readDocument(lake, WANTS_KEY, WantsSchema))?.value ?? NO_WANTS;
  const real = nextWants(before, standings, now, config.enforcement);
  const eager = nextWants(before, standings, now, { ...config.enforcement, enterAfter: 1 });
  return { ...settled(before, eager, standings, now), notYet: notYetOf(real) };
}

/** The want up to its strongest rung in one plan, whatever has been reached: what all of it would do and save. */
export function atOnce(want: Want): Want {
  return { ...want, atOnce: true };
}

function settled(before: WantsState, state: WantsState, standings: readonly BudgetStanding[], now: Date): SettledWants {
  const wants = wantsOf(state, now);
  const policies = new Set(wants.map(({ policy }) => policy));
  const gone = Object.values({ ...before.records, ...state.records }).filter(({ policy }) => !policies.has(policy));
  const ended = gone.map((record) => [record.policy, reasonOf(record, now)] as const);
  return { wants, ended: new Map(ended), dataAgeHours: oldest(wants, standings, now), notYet: notYetOf(state) };
}

function reasonOf(
  { period, leftBecause }: { period: { end: string }; leftBecause?: string },
  now: Date,
): RestoreReason {
  if (Date.parse(`${period.end}T00:00:00Z`) <= now.getTime()) return "new period";
  return leftBecause?.startsWith("resolved") === true ? "resolved" : "no longer wanted";
}

function notYetOf({ leftOut }: WantsState): SettledWants["notYet"] {
  return leftOut.map(({ policy, reason }) => ({ policy, reason }));
}

function oldest(wants: readonly Want[], standings: readonly BudgetStanding[], now: Date): number | undefined {
  const dataAsOf = new Map(standings.map((standing) => [standing.budget, standing.dataAsOf]));
  // A budget that is wanted something of and stands nowhere any more: nothing is known of its data.
  const ages = wants.map(({ budget = "" }) => ageInHours(dataAsOf.get(budget), now));
  return ages.length === 0 ? undefined : Math.max(...ages);
}

function ageInHours(dataAsOf: string | undefined, now: Date): number {
  return Math.max(0, (now.getTime() - Date.parse(dataAsOf ?? NEVER)) / 3_600_000);
}

/** Nothing was ever delivered: older than any limit. */
const NEVER = "1970-01-01T00:00:00.000Z";

async function readStandings({ lake }: Runtime): Promise<readonly BudgetStanding[]> {
  return (await readDocument(lake, STANDINGS_KEY, StandingsSchema))?.value.standings ?? [];
}

export interface WantByHand {
  /** `team=ml`, `environment=dev`; values of one dimension are alternatives. */
  scope: readonly string[];
  rung: string;
  /** RFC 3339; default: in a day. */
  until?: string | undefined;
  /** Who asks. */
  by: string;
}

/** What a person wants, without any budget. Throws `usage` for what is no scope, no rung or no instant to come. */
export function wantByHand({ clock, config }: Pick<Runtime, "clock" | "config">, wish: WantByHand): Want {
  const now = clock.evaluationNow();
  const rung = RUNGS.find((each) => each === wish.rung);
  if (rung === undefined || rung === "human")
    throw new GenOpsError("usage", `--rung ${wish.rung}: use freeze, throttle or block`);
  const until = untilOf({ clock }, wish.until).getTime();
  const day = dayOf(new Date(until));
  const period = { start: monthDays(monthOf(dayOf(now))).start, end: until % 86_400_000 === 0 ? day : addDays(day, 1) };
  return {
    policy: `person/${wish.by}/${wish.scope.toSorted().join(",")}/${rung}`,
    action: rung === "block" ? "block" : "throttle",
    rung,
    scopes: [scopeOf(wish.scope)],
    period,
    currency: config.currency.report,
    expiresAt: new Date(until).toISOString(),
    atOnce: true,
  };
}

/** When what a person asks for is given back: in a day, unless they say. Throws `usage` for what is no instant to come. */
export function untilOf({ clock }: Pick<Runtime, "clock">, until: string | undefined): Date {
  const now = clock.evaluationNow().getTime();
  const instant = until === undefined ? now + 24 * 3_600_000 : Date.parse(until);
  if (instant > now) return new Date(instant);
  throw new GenOpsError("usage", `--until ${until}: expected an instant to come`);
}

function scopeOf(parts: readonly string[]): Scope {
  const scope = new Map<string, string[]>();
  for (const part of parts) {
    const at = part.indexOf("=");
    if (at < 1 || at === part.length - 1)
      throw new GenOpsError("usage", `--scope ${part}: expected dimension=value, such as team=ml`);
    const name = part.slice(0, at);
    scope.set(name, [...(scope.get(name) ?? []), part.slice(at + 1)]);
  }
  return Object.fromEntries(scope);
}
