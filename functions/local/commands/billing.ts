import type { CloudBillingApi } from "../../../shared/ports/cloud-billing.ts";
import { type BilledProject, billedProjects } from "../../../shared/usecases/billing-accounts.ts";
import { answer } from "../answer.ts";
import type { Format, Output } from "../output.ts";

export interface BillingOptions {
  project?: string[];
}

export async function billingCommand(
  api: CloudBillingApi,
  out: Output,
  format: Format,
  { project: projects = [] }: BillingOptions,
): Promise<number> {
  const found = await billedProjects(api, projects);
  answer(out, format, { document: { projects: found }, records: found, print: () => printProjects(out, found) });
  return 0;
}

function printProjects(out: Output, found: readonly BilledProject[]): void {
  if (found.length === 0) {
    out.line("No billing account can be seen; grant roles/billing.viewer on it.");
    return;
  }
  out.table(
    [{ title: "project" }, { title: "billing account", whole: true }, { title: "name" }],
    found.map(({ project = "", billingAccount = "none", name = "", open }) => [
      project,
      billingAccount,
      `${name}${open === false ? " (closed)" : ""}`,
    ]),
  );
}
