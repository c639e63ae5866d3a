import { GenOpsError } from "../core/errors.ts";
import { isMonth } from "../core/period.ts";
import { currentVersion, readHead } from "./head.ts";
import { claimConfirmation, decideQuarantine, type Quarantine, readQuarantine } from "./quarantine.ts";
import { type ReplaceDeps, type ReplaceOptions, type ReplaceOutcome, replacePeriod } from "./replace-period.ts";
import type { PeriodVersion } from "./versions.ts";

/** `genops collect confirm ID`: a person says that the quarantined delivery is right. Commits it, then closes the quarantine. */
export async function confirmQuarantine(
  deps: ReplaceDeps,
  id: string,
  limits: ReplaceOptions["limits"],
): Promise<{ quarantine: Quarantine; outcome: ReplaceOutcome }> {
  versionOf(await readQuarantine(deps.lake, id));
  const claimed = await claimConfirmation(deps.lake, id);
  const done =
    claimed.state === "confirmed" ? await readHead(deps.lake, claimed.source, claimed.billingPeriod) : undefined;
  if (done !== undefined) {
    return {
      quarantine: claimed,
      outcome: { status: "unchanged", version: currentVersion(done.value), reason: "already confirmed" },
    };
  }
  const outcome = await replacePeriod(deps, versionOf(claimed), deps.clock.now(), {
    limits,
    allowShrink: true,
    acceptControl: true,
  });
  return { quarantine: await decideQuarantine(deps.lake, id, "confirmed"), outcome };
}

/** `genops collect discard ID`: the delivery was wrong. What was loaded before stays; the same delivery is not asked about again. */
export async function discardQuarantine(deps: ReplaceDeps, id: string): Promise<Quarantine> {
  const decided = await decideQuarantine(deps.lake, id, "discarded");
  for (const { key } of decided.version?.parts ?? []) await deps.lake.delete(key);
  return decided;
}

/** What is committed. An empty delivery, believed, means that the period costs nothing. */
function versionOf(quarantine: Quarantine): PeriodVersion {
  if (quarantine.version !== undefined) return quarantine.version;
  if (!isMonth(quarantine.billingPeriod)) {
    throw new GenOpsError("usage", `quarantine "${quarantine.id}" has no billing period to empty; discard it`);
  }
  return {
    id: `${quarantine.at.replace(/[-:.]/g, "")}-empty`,
    source: quarantine.source,
    billingPeriod: quarantine.billingPeriod,
    contentHash: quarantine.id,
    sourceInstant: quarantine.at,
    rows: 0,
    totals: [],
    control: "none",
    parts: [],
    providers: [],
    conformance: [],
    messages: ["emptied by a person's confirmation"],
  };
}
