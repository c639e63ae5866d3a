import { GenOpsError } from "../../core/errors.ts";
import type { Finding } from "../../core/finding.ts";
import { changeStored, type FindingDeps } from "./finding-store.ts";
import { changed } from "./next-finding.ts";
import type { FindingDocument, OwedEvent } from "./schema.ts";

interface Handling {
  key: string;
  /** Who, in their own words. */
  actor: string;
  /** Only if the finding still has this revision; otherwise `conflict`. */
  revision?: number | undefined;
}

/** A person takes the finding. It stays with them in this period, also when the amount changes. */
export async function acknowledgeFinding(deps: FindingDeps, input: Handling): Promise<Finding> {
  return handle(
    deps,
    input,
    ({ snoozedUntil, ...rest }) => ({ ...rest, state: "acknowledged" }),
    "genops.finding.updated",
  );
}

/** Quiet until an instant (RFC 3339); if it is still true then, it opens again. */
export async function snoozeFinding(deps: FindingDeps, input: Handling & { until: string }): Promise<Finding> {
  const until = new Date(input.until);
  if (Number.isNaN(until.getTime()))
    throw new GenOpsError("usage", `not an instant: "${input.until}"; use 2024-09-30T08:00:00Z`);
  const snoozedUntil = until.toISOString();
  return handle(deps, input, (finding) => ({ ...finding, state: "snoozed", snoozedUntil }), "genops.finding.updated");
}

/** Closed by a person: it does not come back in its period. */
export async function resolveFinding(
  deps: FindingDeps,
  input: Handling & { resolution?: string | undefined },
): Promise<Finding> {
  const resolution = input.resolution ?? `closed by ${input.actor}`;
  const resolvedAt = deps.clock.now().toISOString();
  return handle(
    deps,
    input,
    ({ snoozedUntil, ...rest }) => ({ ...rest, state: "resolved", resolution, resolvedAt }),
    "genops.finding.resolved",
  );
}

async function handle(
  deps: FindingDeps,
  { key, actor, revision }: Handling,
  transition: (finding: FindingDocument) => FindingDocument,
  event: OwedEvent["type"],
): Promise<Finding> {
  const { after } = await changeStored(deps, key, (before) => {
    if (before === undefined) throw new GenOpsError("usage", `there is no finding ${key}`);
    if (revision !== undefined && before.revision !== revision) {
      throw new GenOpsError("conflict", `finding ${key} is at revision ${before.revision}, not ${revision}`);
    }
    if (before.state === "resolved") throw new GenOpsError("usage", `finding ${key} is already resolved`);
    return changed(transition(before), { actor }, [event], deps.clock.now());
  });
  if (after === undefined) throw new GenOpsError("internal", `finding ${key} was not written`);
  return after;
}
