import { canonicalJson } from "../core/json.ts";
import type { Month } from "../core/period.ts";
import type { Lake } from "../ports/object-store.ts";
import { currentVersion, readHead } from "./head.ts";

/**
 * One line per (source, billing period) that names the current version, as a plain file for tools that read the lake without GenOps (L9):
 * join `rows/…` on `source`, `billing_period` and `version`. A convenience: the head decides. Written again until it agrees with the head.
 */
export async function publishIndex(lake: Lake, source: string, billingPeriod: Month): Promise<void> {
  for (let published: string | undefined; ; ) {
    const head = await readHead(lake, source, billingPeriod);
    if (head === undefined) return;
    const { id, committedAt, rows } = currentVersion(head.value);
    if (id === published) return;
    const line = canonicalJson({ source, billing_period: billingPeriod, version: id, committed_at: committedAt, rows });
    await lake.publish(
      `index/source=${source}/billing_period=${billingPeriod}/current.json`,
      new TextEncoder().encode(`${line}\n`),
    );
    published = id;
  }
}
