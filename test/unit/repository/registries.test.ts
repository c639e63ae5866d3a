import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FILE_SOURCES } from "../../../shared/ingestion/sources/registry.ts";
import { root } from "./repository-files.ts";

describe("the registry of sources", () => {
  it("equals the list of their folders", () => {
    const folders = readdirSync(join(root, "shared/ingestion/sources"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(folders.sort()).toEqual(Object.keys(FILE_SOURCES).sort());
  });

  it.each(Object.entries(FILE_SOURCES))("names %s as the source itself does", (type, source) => {
    expect(source.type).toBe(type);
  });
});
