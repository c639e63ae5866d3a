import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ACTIONS } from "../../../../../shared/clusters/enforcement/actions/registry.ts";
import { CLUSTER_ACTIONS } from "../../../../../shared/clusters/enforcement/types.ts";
import { root } from "../../../repository/repository-files.ts";

describe("the registry of actions", () => {
  it("equals the list of their files, and the decision table", () => {
    const files = readdirSync(join(root, "shared/clusters/enforcement/actions"), { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== "registry.ts")
      .map(({ name }) => name.replace(/\.ts$/, ""));
    expect(Object.keys(ACTIONS)).toEqual([...CLUSTER_ACTIONS]);
    expect(files.sort()).toEqual([...CLUSTER_ACTIONS].sort());
  });

  it.each(Object.entries(ACTIONS))("names %s as the action itself does", (name, action) => {
    expect(action.name).toBe(name);
  });
});
