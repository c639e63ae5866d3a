import type { ToldCause } from "../../../../shared/governance/anomalies/observe/memory.ts";
import { DAY_MS } from "../../../../shared/governance/anomalies/types.ts";
import type { BenchEvent } from "../cost-bench/lib/series.mjs";
import { indexOf, type OrganisationLeaf, TEAMS } from "./organisation.ts";

/** A cause is named when what is told begins at most so long before it: watches date an onset a few days off. */
const EARLY_MS = 3 * DAY_MS;

export interface Load {
  findings: number;
  /** Of findings that name an account or a service; those of a whole cloud or of everything reach all teams alike. */
  perTeamAndWeek: number;
  /** The same for the busiest team. */
  busiestTeam: number;
  causes: number;
  /** Causes that a finding names. */
  named: number;
  excess: number;
  /** Part of the excess of all causes, in money, whose cause is named. */
  namedShare: number;
  /** Findings that name no cause. */
  falseFindings: number;
  /** Named causes that are told by more than one finding. */
  repeated: number;
}

/** What people of an organisation were told between two mornings, against what was put into it. */
export function measureLoad(
  organisation: readonly OrganisationLeaf[],
  told: readonly ToldCause[],
  { from, to }: { from: number; to: number },
): Load {
  const causes = organisation.flatMap((leaf) =>
    leaf.events
      .filter((event) => indexOf(event.start) >= from - 1 && indexOf(event.start) < to - 2)
      .map((event) => ({ leaf, event })),
  );
  const hits = causes.map(({ leaf, event }) => told.filter((one) => names(one, leaf, event)).length);
  const money = causes.map(({ event }) => excessOf(event, to));
  const weeks = (to - from + 1) / 7;
  const teams = perTeam(organisation, told);
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  const anywhere = organisation.flatMap((leaf) => leaf.events.map((event) => ({ leaf, event })));
  return {
    findings: told.length,
    perTeamAndWeek: sum(teams) / TEAMS / weeks,
    busiestTeam: Math.max(...teams) / weeks,
    causes: causes.length,
    named: hits.filter((count) => count > 0).length,
    excess: sum(money),
    namedShare: sum(money.filter((_excess, index) => (hits[index] ?? 0) > 0)) / sum(money),
    falseFindings: told.filter((one) => !anywhere.some(({ leaf, event }) => isAbout(one, leaf, event))).length,
    repeated: hits.filter((count) => count > 1).length,
  };
}

/** Told about the leaf (or its account, or its service), in the right direction, while the cause lasted or just after. */
function names(cause: ToldCause, leaf: OrganisationLeaf, event: BenchEvent): boolean {
  const { alert } = cause;
  const isUp = event.type !== "drop";
  return (
    isAbout(cause, leaf, event) &&
    (alert.direction === "up") === isUp &&
    alert.since >= Date.parse(event.start) - EARLY_MS &&
    alert.alertedAt <= Math.max(Date.parse(event.deadline), Date.parse(event.end) + 2 * DAY_MS)
  );
}

function isAbout({ keys, alert }: ToldCause, leaf: OrganisationLeaf, event: BenchEvent): boolean {
  return (
    (keys["account"] !== undefined || keys["service"] !== undefined) &&
    (keys["account"] ?? leaf.account) === leaf.account &&
    (keys["service"] ?? leaf.service) === leaf.service &&
    alert.alertedAt > Date.parse(event.start) &&
    alert.alertedAt <= Date.parse(event.care_until)
  );
}

/** Excess on the days that were seen. */
function excessOf({ start, excess }: BenchEvent, to: number): number {
  return excess.slice(0, to - indexOf(start)).reduce((all, value) => all + value, 0);
}

/** Findings by team; one about a service over several teams reaches each of them. */
function perTeam(organisation: readonly OrganisationLeaf[], told: readonly ToldCause[]): number[] {
  const counts = new Map<string, number>();
  for (const { keys } of told) {
    const teams = organisation.filter(
      ({ account, service, provider }) =>
        (keys["account"] ?? account) === account &&
        (keys["service"] ?? service) === service &&
        (keys["provider"] ?? provider) === provider,
    );
    for (const team of new Set(teams.map(({ team: name }) => name))) counts.set(team, (counts.get(team) ?? 0) + 1);
  }
  return [...counts.values()];
}
