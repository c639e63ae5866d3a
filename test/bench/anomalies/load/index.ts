import { createWatch } from "../../../../shared/governance/anomalies/detector/detect.ts";
import type { FalseAlerts } from "../../../../shared/governance/anomalies/types.ts";
import { measureLoad } from "./measure.ts";
import { ACCOUNTS, createOrganisation, TEAMS } from "./organisation.ts";
import { replay } from "./replay.ts";

const SEED = 200;
/** Six weeks in which the generator's series have their usual density of causes. */
const DAYS = { from: 207, to: 248 };
/** What a person's time is worth here: less than a hundredth of what a team spends in a day. */
const FLOOR = 1000;

/** What an organisation of 1,000 accounts and 40 teams is told, and how much of the excess money that names. */
export async function printLoadBench(
  print: (line: string) => void,
  dials: readonly FalseAlerts[] = [0.25],
): Promise<void> {
  const organisation = createOrganisation(SEED);
  const weeks = (DAYS.to - DAYS.from + 1) / 7;
  print(
    `Alert load: ${ACCOUNTS} accounts, ${organisation.length} services in them, ${TEAMS} teams, ${weeks} weeks, floor ${FLOOR} (aim: 2 per team and week or less, 80 % of the excess named or more)`,
  );
  for (const falseAlertsPer90Days of dials) {
    const began = performance.now();
    const told = replay(organisation, { createWatch, falseAlertsPer90Days, floor: FLOOR, ...DAYS });
    const load = measureLoad(organisation, told, DAYS);
    print(
      `  falseAlertsPer90Days ${falseAlertsPer90Days}: ${load.findings} findings, ${load.perTeamAndWeek.toFixed(2)} per team and week (busiest team ${load.busiestTeam.toFixed(2)}); ` +
        `${load.named} of ${load.causes} causes named, ${(100 * load.namedShare).toFixed(1)} % of the excess; ${load.falseFindings} findings name none, ${load.repeated} causes told twice ` +
        `(${((performance.now() - began) / 1000).toFixed(1)} s)`,
    );
  }
}
