import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { controlName, targetOf } from "../../../../../shared/clusters/enforcement/actions/billing/control-name.ts";
import { pinnedPool } from "../../../../../shared/clusters/enforcement/actions/billing/states.ts";
import {
  changeBilling,
  isBillingAt,
  tryBilling,
} from "../../../../../shared/clusters/enforcement/transaction/billing-work.ts";
import { createNodePools } from "../../../../../shared/platforms/gcp/node-pools.ts";
import { type GoogleBilling, googleCredentials, serveGoogleBilling } from "../../../../support/billing/gcp.ts";

const POOL = { kind: "resize-node-pool", cluster: "c", pool: "gpu" } as const;
const NAME = controlName(POOL);
const PINNED = { ...pinnedPool(2) };
const open = async () => undefined;

let google: GoogleBilling;
beforeEach(async () => {
  google = await serveGoogleBilling();
});
afterEach(() => google.close());

function deps() {
  const { url } = google;
  const place = { project: "shop", location: "europe-west3", cluster: "demo", containerUrl: url };
  const control = createNodePools({
    ...place,
    credentials: googleCredentials(),
    urls: { compute: url, resourceManager: url },
  });
  return { billing: (name: string) => ({ control, target: targetOf(name) }), control };
}

describe("a billing-side change in a transaction", () => {
  it("takes as many runs as the cloud has operations, and so does its restore", async () => {
    const { control, ...rest } = deps();
    const before = await control.read(POOL);
    const outcomes: string[] = [];
    for (const [from, to] of [
      [before, PINNED],
      [PINNED, before],
    ] as const) {
      let outcome = "";
      while (outcome !== "done") {
        ({ outcome } = await changeBilling(rest, NAME, from, to, open));
        outcomes.push(outcome);
        google.settle();
      }
      expect(await isBillingAt(rest, NAME, to)).toBe(true);
    }
    expect(outcomes).toEqual(["later", "later", "done", "later", "later", "done"]);
    expect(await control.read(POOL)).toEqual(before);
  });

  it("is left to whoever changed it meanwhile", async () => {
    const { control, ...rest } = deps();
    const before = await control.read(POOL);
    google.pool.sizes = [4, 4];
    expect(await changeBilling(rest, NAME, before, PINNED, open)).toMatchObject({ outcome: "taken" });
    expect(google.writes).toEqual([]);
  });

  it("is not begun through a closed gate, and is not asked for again when it is there", async () => {
    const { control, ...rest } = deps();
    const before = await control.read(POOL);
    await expect(changeBilling(rest, NAME, before, PINNED, async () => "stopped")).rejects.toThrow("stopped");
    expect(await changeBilling(rest, NAME, PINNED, before, async () => "stopped")).toEqual({ outcome: "done" });
    expect(google.writes).toEqual([]);
  });

  it("is tried without being done", async () => {
    const { control, ...rest } = deps();
    const from = await control.read(POOL);
    const write = { kind: "billing", control: NAME, from, to: PINNED } as const;
    expect(await tryBilling(rest, write)).toEqual({ ok: true });
    google.lacking.add("container.clusters.update");
    expect(await tryBilling(rest, write)).toMatchObject({
      ok: false,
      reason: expect.stringContaining("container.clusters.update is missing"),
    });
    await expect(tryBilling({}, write)).rejects.toThrow(/not configured here/);
  });
});
