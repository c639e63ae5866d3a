import { createWatch } from "../../../../shared/governance/anomalies/detector/detect.ts";
import { figure } from "../aims.ts";
import { measureLoad } from "./measure.ts";
import { ACCOUNTS, createOrganisation, type OrganisationLeaf, TEAMS } from "./organisation.ts";
import { replay } from "./replay.ts";

/** Dial and floor were chosen on seed 200. */
const SEED = 201;
/** Mornings that count: six weeks in which the generator's series have their usual density of causes. */
const DAYS = { from: 207, to: 248 };
/** The setting for an organisation of this size: thousands of series at one false alert each would drown anybody. */
const DIAL = 0.1;
/** What is worth a person's time where a team spends a hundred times as much a day. */
const FLOOR = 2000;

/** What an organisation of 1,000 accounts and 40 teams is told by the product's own path, and how much of the excess money that names. */
export function printLoadBench(print: (line: string) => void): Promise<void> {
  const organisation = createOrganisation(SEED);
  const weeks = (DAYS.to - DAYS.from + 1) / 7;
  print(
    `Alert load: seed ${SEED}, ${ACCOUNTS} accounts with ${organisation.length} services of ${TEAMS} teams, each spending ` +
      `${Math.round(dailyCost(organisation) / TEAMS)} a day; ${weeks} weeks; falseAlertsPer90Days ${DIAL}, floor ${FLOOR}`,
  );
  const told = replay(organisation, { createWatch, falseAlertsPer90Days: DIAL, floor: FLOOR, ...DAYS });
  const load = measureLoad(organisation, told, DAYS);
  const name = "excess money that a finding names";
  print(figure("findings per team and week", load.perTeamAndWeek, { most: 2 }, `${load.findings} findings`));
  print(figure("  of the busiest team", load.busiestTeam));
  print(figure(name, load.namedShare, { least: 0.8 }, `${load.named} of ${load.causes} causes`));
  print(figure("causes per team and week", load.causes / TEAMS / weeks));
  print(figure("part of the findings that names no cause", load.falseFindings / load.findings));
  print(figure("part of the named causes that is told twice", load.repeated / load.named));
  return Promise.resolve();
}

/** All cost of the days that count, by day. */
function dailyCost(organisation: readonly OrganisationLeaf[]): number {
  let sum = 0;
  for (const { final } of organisation) for (const cost of final.subarray(DAYS.from, DAYS.to)) sum += cost;
  return sum / (DAYS.to - DAYS.from);
}
