import { describe, expect, it } from "vitest";
import { billingCommand } from "../../../../functions/local/commands/billing.ts";
import type { Output } from "../../../../functions/local/output.ts";
import { renderTable } from "../../../../functions/local/terminal/table.ts";
import type { CloudBillingApi, ProjectBilling } from "../../../../shared/ports/cloud-billing.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { genops } from "./cli-support.ts";

async function* stream<T>(...items: T[]): AsyncIterable<T> {
  yield* items;
}

const PROJECTS: Record<string, ProjectBilling[]> = {
  "01A": [{ project: "ml", billingAccount: "01A", enabled: true }],
  "02B": [],
};

function apiWith(accounts: { id: string; name: string; open: boolean }[]): CloudBillingApi {
  return {
    billingAccounts: () => stream(...accounts),
    projectsOf: (account) => stream(...(PROJECTS[account] ?? [])),
    accountOf: (project) => Promise.resolve(project === "ml" ? "01A" : undefined),
    services: () => stream(),
    skus: () => stream(),
  };
}

async function printed(api: CloudBillingApi, project?: string[]): Promise<string> {
  let text = "";
  const width = 100;
  const out: Output = {
    width,
    color: false,
    line: (line = "") => (text += `${line}\n`),
    table: (columns, rows) => (text += renderTable(columns, rows, { width, color: false })),
    json: (document) => (text += JSON.stringify(document)),
    raw: (raw) => (text += raw),
    progress: { report: () => {}, note: () => {}, close: () => {} },
  };
  await billingCommand(api, out, "table", project === undefined ? {} : { project });
  return text;
}

describe("genops billing", () => {
  it("shows accounts and projects for people", async () => {
    const api = apiWith([
      { id: "01A", name: "Main", open: true },
      { id: "02B", name: "Old", open: false },
    ]);
    const text = await printed(api);
    expect(text).toMatch(/ml\s+01A\s+Main\n/);
    expect(text).toMatch(/02B\s+Old \(closed\)/);
  });

  it("says that nobody pays for a project", async () => {
    expect(await printed(apiWith([]), ["free"])).toMatch(/free\s+none/);
  });

  it("says which right shows accounts when there are none", async () => {
    expect(await printed(apiWith([]))).toContain("roles/billing.viewer");
  });

  it("is a command that only reads: there is none to detach a project", async () => {
    const folders = createFolders();
    try {
      const { code, stdout } = await genops(await folders.make(), ["billing", "--help"]);
      expect(code).toBe(0);
      expect(stdout).toContain("--project");
      expect(stdout).not.toMatch(/detach|disable/i);
    } finally {
      await folders.clean();
    }
  });
});
