import type { Finding } from "../../../shared/core/finding.ts";
import { listFindings } from "../../../shared/governance/findings/finding-store.ts";
import { currentVersion, listHeads } from "../../../shared/ledger/head.ts";
import { createFileLake } from "../../../shared/platforms/local/file-lake.ts";
import { createSystemRandomness } from "../../../shared/platforms/local/system.ts";
import type { Lake } from "../../../shared/ports/object-store.ts";

/** What a lake says, without the ids and instants that differ from run to run. */
export interface LedgerState {
  heads: object[];
  findings: (Pick<Finding, "key" | "kind" | "rule" | "level" | "state" | "title" | "currency"> & { amount: string })[];
}

export async function stateOf(lake: Lake): Promise<LedgerState> {
  const heads = (await listHeads(lake)).map((head) => {
    const { rows, totals, control, contentHash, providers, conformance } = currentVersion(head);
    const { source, billingPeriod, versions, announced } = head;
    const isAnnounced = announced === versions.at(-1)?.id;
    return {
      source,
      billingPeriod,
      versions: versions.length,
      isAnnounced,
      rows,
      totals,
      control,
      contentHash,
      providers,
      conformance,
    };
  });
  const findings = (await listFindings({ store: lake })).map(
    ({ key, kind, rule, level, state, title, amount, currency }) => ({
      key,
      kind,
      rule,
      level,
      state,
      title,
      amount: String(amount),
      currency,
    }),
  );
  return { heads, findings: findings.sort((a, b) => (a.key < b.key ? -1 : 1)) };
}

export function openFileLake(location: string): Lake {
  return createFileLake(location.replace(/^file:/, ""), createSystemRandomness());
}

/** Events that were refused for good. */
export async function deadLettersOf(lake: Lake): Promise<{ key: string; function?: string; event?: unknown }[]> {
  const letters: { key: string; function?: string; event?: unknown }[] = [];
  for await (const { key } of lake.list("dead-letters/")) {
    const stored = await lake.get(key);
    if (stored !== undefined) letters.push({ key, ...(JSON.parse(new TextDecoder().decode(stored.body)) as object) });
  }
  return letters;
}
