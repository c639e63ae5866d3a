import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createLocalSecrets,
  createSystemClock,
  createSystemRandomness,
} from "../../../../shared/platforms/local/system.ts";

describe("createSystemClock", () => {
  it("pins only what today means", () => {
    const pinned = new Date("2024-09-15T00:00:00Z");
    const clock = createSystemClock(pinned);
    expect(clock.evaluationNow()).toEqual(pinned);
    expect(clock.now().getTime()).toBeGreaterThan(pinned.getTime());
    expect(createSystemClock().evaluationNow().getTime()).toBeGreaterThan(pinned.getTime());
  });

  it("wakes at once when the signal aborts", async () => {
    const aborted = AbortSignal.abort();
    await expect(createSystemClock().sleep(3_600_000, aborted)).resolves.toBeUndefined();
  });
});

describe("createSystemRandomness", () => {
  it("gives ids of 128 bits and fractions below one", () => {
    const randomness = createSystemRandomness();
    const ids = Array.from({ length: 100 }, () => randomness.id());
    expect(new Set(ids).size).toBe(100);
    expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
    expect(Array.from({ length: 100 }, () => randomness.fraction()).every((value) => value >= 0 && value < 1)).toBe(
      true,
    );
  });
});

describe("createLocalSecrets", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "genops-test-"));
    await writeFile(path.join(folder, "slack-token"), "from-a-file\n");
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("reads environment and mounted files, without the last line end", () => {
    const secrets = createLocalSecrets({ TOKEN: "from-the-environment", GENOPS_SECRETS_DIR: folder });
    expect(secrets.read("env", "TOKEN")).toBe("from-the-environment");
    expect(secrets.read("env", "NOTHING")).toBeUndefined();
    expect(secrets.read("secret", "slack-token")).toBe("from-a-file");
    expect(secrets.read("secret", "nothing")).toBeUndefined();
  });

  it("never leaves the folder of secrets", () => {
    const secrets = createLocalSecrets({ GENOPS_SECRETS_DIR: path.join(folder, "inner") });
    expect(
      ["../slack-token", "..", ".", "a/b", "/etc/hostname", ""].map((name) => secrets.read("secret", name)),
    ).toEqual(Array.from({ length: 6 }));
    expect(createLocalSecrets({}).read("secret", "slack-token")).toBeUndefined();
  });
});
