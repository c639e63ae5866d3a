import { createHash } from "node:crypto";
import { canonicalJson } from "../../core/json.ts";
import { listFeedback } from "../../governance/anomalies/feedback/feedback-store.ts";
import { listSourceFailures } from "../../ledger/collect/failures.ts";
import { currentVersion, listHeads } from "../../ledger/head.ts";
import { listQuarantines } from "../../ledger/quarantine.ts";
import type { Runtime } from "../runtime.ts";

/**
 * Names everything that decides what an evaluation finds: what the ledger holds, what could not be collected, what people said about
 * anomalies, the configuration, and the hour, because days settle and periods open without any new bill. Equal fingerprints: evaluating again would find the same.
 */
export async function fingerprintOf({ lake, config, rates, clock }: Runtime): Promise<string> {
  const [heads, quarantines, failures, feedback] = await Promise.all([
    listHeads(lake),
    listQuarantines(lake),
    listSourceFailures(lake),
    listFeedback(lake),
  ]);
  // The folder of the configuration differs from process to process.
  const { baseDir: _folder, ...settings } = config;
  const deciding = {
    hour: clock.evaluationNow().toISOString().slice(0, 13),
    versions: heads.map((head) => [head.source, head.billingPeriod, currentVersion(head).id]),
    quarantines: quarantines.map(({ id, state }) => [id, state]),
    failures: failures.map(({ source, messages }) => [source, messages]),
    feedback: feedback.map(({ id, undone }) => [id, undone === undefined]),
    settings,
    rates: [...(rates ?? [])],
  };
  return createHash("sha256")
    .update(canonicalJson(plain(deciding)))
    .digest("hex");
}

/** Exact decimals are bigints, which JSON does not know. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? `${inner}n` : inner)));
}
