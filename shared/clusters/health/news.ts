import { ZERO } from "../../core/decimal.ts";
import type { CloudEvent } from "../../core/events.ts";
import type { Observation } from "../../core/finding.ts";
import { dayOf, monthDays, monthOf } from "../../core/period.ts";
import { type Target, targetKey } from "./targets.ts";

/** `genops.health.changed`. The id is the same for the same change, so that a handler can tell repeats. */
export function healthEvent(target: Target): CloudEvent {
  const { kind, name, state, since, detail, untold } = target;
  return {
    specversion: "1.0",
    id: `health/${targetKey(target)}/${since}/${state}`,
    source: "/genops/health",
    type: "genops.health.changed",
    subject: targetKey(target),
    time: since,
    datacontenttype: "application/json",
    data: { kind, name, state, before: untold ?? "unknown", since, detail },
  };
}

/** What people are told of a cluster or endpoint that is down. One finding per outage's month. */
export function healthObservation(target: Target): Observation {
  const { kind, name, since, detail } = target;
  return {
    kind: "cluster",
    rule: `${kind}-down`,
    level: "critical",
    scope: kind === "cluster" ? { cluster: [name] } : { endpoint: [name] },
    period: monthDays(monthOf(dayOf(new Date(since)))),
    subject: targetKey(target),
    title: `${kind} ${name} is down: ${detail}`,
    amount: ZERO,
    currency: "USD",
    wantedActions: [],
    recipients: [],
    evidence: {
      rows: 0,
      contributors: [],
      settledShare: "1",
      waitsFor: "",
      facts: { since },
    },
  };
}
