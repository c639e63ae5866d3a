import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Native parts (DuckDB) want a process of their own; a slow machine wants time.
    pool: "forks",
    setupFiles: ["test/support/property-seed.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { requireAssertions: true },
    restoreMocks: true,
    unstubEnvs: true,
    coverage: {
      provider: "v8",
      include: ["shared/**/*.ts"],
      reporter: ["text-summary", "json-summary", "html"],
      thresholds: {
        "shared/**/*.ts": { lines: 95, branches: 90 },
        "shared/core/{decimal,money}.ts": { lines: 100, branches: 100 },
      },
    },
    projects: [
      {
        extends: true,
        test: { name: "structure", include: ["test/terraform/structure/**/*.test.ts"], testTimeout: 60_000 },
      },
      {
        extends: true,
        test: { name: "delivery", include: ["test/delivery/**/*.test.ts"] },
      },
      {
        extends: true,
        test: {
          name: "terraform",
          include: ["test/terraform/providers/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: { name: "unit", include: ["test/{unit,contract,property}/**/*.test.ts"] },
      },
      {
        extends: true,
        test: { name: "browser", include: ["test/browser/**/*.test.ts"], testTimeout: 60_000, fileParallelism: false },
      },
      {
        extends: true,
        test: {
          name: "stores",
          include: ["test/stores/**/*.test.ts"],
          globalSetup: ["test/stores/global-setup.ts"],
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "cluster",
          include: ["test/cluster/**/*.test.ts"],
          globalSetup: "test/cluster/global-setup.ts",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "runtime",
          include: ["test/runtime/**/*.test.ts"],
          globalSetup: "test/runtime/global-setup.ts",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
