import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { findingKey } from "../../../shared/governance/findings/finding-key.ts";
import { readFinding } from "../../../shared/governance/findings/finding-store.ts";
import { reconcileFindings } from "../../../shared/governance/findings/reconcile-findings.ts";
import {
  createLocalSecrets,
  createSystemClock,
  createSystemRandomness,
} from "../../../shared/platforms/local/system.ts";
import { sayAboutAnomaly, unsayAboutAnomaly } from "../../../shared/usecases/anomaly-feedback.ts";
import { fingerprintOf } from "../../../shared/usecases/evaluate/fingerprint.ts";
import { readConfig } from "../../../shared/usecases/read-config.ts";
import { createRuntime } from "../../../shared/usecases/runtime.ts";
import { createFolders } from "../../support/collect-deps.ts";
import { anomaly } from "../governance/anomalies/feedback/support.ts";

const folders = createFolders();
afterAll(() => folders.clean());

it("closes the finding, makes the next evaluation look again, and undoes both", async () => {
  const folder = await folders.make();
  await writeFile(path.join(folder, "genops.yaml"), "lake: file:./lake\n");
  const runtime = await createRuntime({
    config: await readConfig(path.join(folder, "genops.yaml"), createLocalSecrets({})),
    clock: createSystemClock(new Date("2024-09-20T09:00:00Z")),
    randomness: createSystemRandomness(),
    events: { publish: () => Promise.resolve() },
    progress: { report: () => {}, note: () => {} },
    createTempFolder: () => folders.make(),
  });
  const deps = { store: runtime.lake, clock: runtime.clock, events: runtime.events };
  await reconcileFindings(deps, { observations: [anomaly()], covers: () => undefined });
  const key = findingKey(anomaly());
  const before = await fingerprintOf(runtime);
  const { feedback } = await sayAboutAnomaly(runtime, { key: key.slice(-12), kind: "wrong", actor: "ada" });
  expect(await readFinding(deps, key)).toMatchObject({ state: "resolved", actor: "ada" });
  const said = await fingerprintOf(runtime);
  expect(said).not.toBe(before);
  const { finding } = await unsayAboutAnomaly(runtime, { which: feedback.id, actor: "bob" });
  expect(finding?.resolution).toBe("called wrong by ada; taken back by bob");
  expect(await fingerprintOf(runtime)).not.toBe(said);
});
