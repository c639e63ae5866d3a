import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { createWorkspace, describeProviders, FOLDERS, type Workspace } from "../support/workspace.ts";

const Validation = z.object({
  valid: z.boolean(),
  diagnostics: z.array(z.object({ summary: z.string(), detail: z.string().optional() })),
});

let workspace: Workspace;

beforeAll(() => {
  workspace = createWorkspace();
  console.log(describeProviders(workspace.providers));
});

afterAll(() => workspace.remove());

describe("terraform", () => {
  it("finds its files formatted", async () => {
    const { code, output } = await workspace.terraform(".", "fmt", "-check", "-recursive", "-diff");
    expect({ code, output }).toEqual({ code: 0, output: "" });
  });
});

describe.each(FOLDERS)("%s", (path) => {
  it("is valid", async () => {
    const init = await workspace.terraform(path, "init", "-backend=false", "-no-color");
    expect(init.output).toContain("Terraform has been successfully initialized");
    const { stdout } = await workspace.terraform(path, "validate", "-json");
    expect(Validation.parse(JSON.parse(stdout))).toEqual({ valid: true, diagnostics: [] });
  });
});
