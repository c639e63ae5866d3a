import { subjectOf } from "../../clusters/enforcement/hold/hold.ts";
import type { Notice } from "../../clusters/enforcement/hold/verdict.ts";
import type { ClusterHolds } from "../../clusters/enforcement/types.ts";
import { ZERO } from "../../core/decimal.ts";
import type { Finding, FindingLevel, Observation } from "../../core/finding.ts";
import { dayOf, monthDays, monthOf } from "../../core/period.ts";

/** Hold states that people have to look at, and how loud they are. */
const LEVELS: Readonly<Record<string, FindingLevel>> = { contested: "warning", failed: "warning", overridden: "info" };
const RULES = new Set(Object.keys(LEVELS).map((state) => `enforcement-${state}`));

/**
 * Holds that somebody else has changed or a server has refused, as findings; with the snippet that would help. It comes with the notice, once:
 * afterwards the finding of before (`known`) has it.
 */
export function observeHolds(
  holds: ClusterHolds,
  { notices, known }: { notices: readonly Notice[]; known: readonly Finding[] },
  now: Date,
): Observation[] {
  const told = known.flatMap(({ subject, evidence }): [string, string | undefined][] => [
    [subject, evidence.facts?.["hint"]],
  ]);
  const hints = new Map([
    ...told,
    ...notices.map(({ subject, hint }) => [`${holds.cluster}/${subject}`, hint] as const),
  ]);
  return Object.values(holds.holds).flatMap((hold) => {
    const level = LEVELS[hold.state];
    if (level === undefined) return [];
    const subject = subjectOf(hold.ref);
    const hint = hints.get(`${holds.cluster}/${subject}`);
    const facts = { since: hold.changedAt, ...(hint === undefined ? {} : { hint }) };
    return [
      observation({ cluster: holds.cluster, subject, level, state: hold.state, detail: hold.detail ?? "", facts, now }),
    ];
  });
}

function observation(of: {
  cluster: string;
  subject: string;
  level: FindingLevel;
  state: string;
  detail: string;
  facts: Readonly<Record<string, string>>;
  now: Date;
}): Observation {
  const { cluster, subject, level, state, detail, facts, now } = of;
  return {
    kind: "cluster",
    rule: `enforcement-${state}`,
    level,
    scope: { cluster: [cluster] },
    period: monthDays(monthOf(dayOf(now))),
    subject: `${cluster}/${subject}`,
    title: `${subject} in ${cluster} is ${state}: ${detail}`,
    amount: ZERO,
    currency: "USD",
    wantedActions: [],
    recipients: [],
    evidence: { rows: 0, contributors: [], settledShare: "1", waitsFor: "", facts },
  };
}

/** What a run over this cluster would have seen again. */
export function coversHolds(cluster: string): (finding: Finding) => string | undefined {
  return ({ kind, rule, scope }) =>
    kind === "cluster" && RULES.has(rule) && scope["cluster"]?.includes(cluster) === true
      ? "GenOps holds nothing there any more, or holds it undisputed"
      : undefined;
}
