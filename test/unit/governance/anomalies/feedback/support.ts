import type { Observation } from "../../../../../shared/core/finding.ts";
import type { Feedback } from "../../../../../shared/governance/anomalies/feedback/types.ts";
import { findingKey } from "../../../../../shared/governance/findings/finding-key.ts";
import { reconcileFindings } from "../../../../../shared/governance/findings/reconcile-findings.ts";
import { memoryStore, observation, recordingBus, testClock } from "../../support.ts";

export const SCOPE = { provider: ["aws"], service: ["Compute"] };

export function anomaly(fields: Partial<Observation> = {}): Observation {
  return observation({
    kind: "anomaly",
    rule: "over-yesterday",
    scope: SCOPE,
    period: { start: "2024-09-19", end: "2024-09-20" },
    subject: "USD",
    title: "aws / Compute cost 170.00 USD",
    evidence: { rows: 3, contributors: [], settledShare: "0", waitsFor: "", facts: { since: "2024-09-18" } },
    ...fields,
  });
}

export function said(fields: Partial<Feedback> = {}): Feedback {
  return {
    id: "1a2b3c4d5e6f-1",
    finding: "anomaly-1a2b3c4d5e6f",
    kind: "wrong",
    scope: SCOPE,
    currency: "USD",
    since: "2024-09-18",
    by: "ada",
    at: "2024-09-20T09:00:00.000Z",
    ...fields,
  };
}

/** A store in which these observations are open findings. */
export async function openFindings(observations: readonly Observation[], now = "2024-09-20T09:00:00.000Z") {
  const deps = { store: memoryStore(), clock: testClock(now), events: recordingBus() };
  const see = (seen: readonly Observation[] = observations) =>
    reconcileFindings(deps, { observations: seen, covers: () => "restated" });
  await see();
  return { deps, see, keys: observations.map(findingKey) };
}
