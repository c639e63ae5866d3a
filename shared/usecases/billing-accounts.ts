import type { CloudBillingApi } from "../ports/cloud-billing.ts";

/** One project and the account that pays for it. Without an account nobody does; without a project the account pays for none that can be seen. */
export interface BilledProject {
  billingAccount?: string;
  name?: string;
  open?: boolean;
  project?: string;
}

/** Which Google Cloud billing account pays for which project: of these projects, or of all accounts that can be seen. Reads only. */
export async function billedProjects(
  api: Pick<CloudBillingApi, "billingAccounts" | "projectsOf" | "accountOf">,
  projects: readonly string[],
): Promise<BilledProject[]> {
  const found: BilledProject[] = [];
  for (const project of projects) {
    const billingAccount = await api.accountOf(project);
    found.push({ ...(billingAccount === undefined ? {} : { billingAccount }), project });
  }
  if (projects.length > 0) return found;
  for await (const { id: billingAccount, name, open } of api.billingAccounts()) {
    const account = { billingAccount, name, open };
    const paid: BilledProject[] = [];
    for await (const { project } of api.projectsOf(billingAccount)) paid.push({ ...account, project });
    found.push(...(paid.length === 0 ? [account] : paid));
  }
  return found;
}
