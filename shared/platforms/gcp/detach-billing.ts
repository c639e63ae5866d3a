import * as z from "zod";
import { reversibilityOf } from "../../clusters/enforcement/actions/billing/reversible.ts";
import { type DetachmentState, detachmentState } from "../../clusters/enforcement/actions/billing/states.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { BillingControl, BillingDryRun, BillingTarget } from "../../ports/billing-control.ts";
import type { GoogleCredentials } from "./credentials.ts";
import { askGoogle, type GoogleAnswer, missingPermissions, saidBy } from "./rest.ts";

export interface DetachBillingOptions {
  credentials: GoogleCredentials;
  /** The projects that may be detached. Nothing else ever is. */
  projects: readonly string[];
  /** The separate switch, `enforcement.billing.allowDetachBilling`. */
  isAllowed: boolean;
  /** Projects that GenOps signs in through or queries with, by id or number: never detached. */
  ownProjects: readonly string[];
  /** Buckets of GenOps' lakes: their projects neither. */
  ownBuckets: readonly string[];
  /** At Google: the project that GenOps runs in. */
  findHome?: () => Promise<string>;
  /** Instead of Google's, for tests. */
  urls?: { billing?: string; resourceManager?: string; storage?: string } | undefined;
}

const SERVICE = "Cloud Billing";
const Info = z.object({ billingAccountName: z.string().optional() });
const Project = z.object({ projectNumber: z.string() });

/**
 * Takes a project off its billing account (all that costs money there stops; Google may delete it for good), and links it again. Needs
 * `resourcemanager.projects.deleteBillingAssignment` on the project; to link again `resourcemanager.projects.createBillingAssignment` and
 * `billing.resourceAssociations.create` on the account.
 */
export function createDetachBilling(options: DetachBillingOptions): BillingControl {
  return {
    async read(target) {
      return describe(options, projectOf(target));
    },
    async dryRun(target, from, to) {
      const project = projectOf(target);
      const wanted = detachmentState(to);
      const refusal =
        (await forbidden(options, project, wanted)) ?? conflict(await describe(options, project), from, to);
      return refusal === undefined
        ? mayChange(options, project, detachmentState(from), wanted)
        : { ok: false, reason: refusal.message };
    },
    async change(target, from, to) {
      const project = projectOf(target);
      const wanted = detachmentState(to);
      const now = await describe(options, project);
      if (now.billingAccount === wanted.billingAccount) return now;
      const refusal = (await forbidden(options, project, wanted)) ?? conflict(now, from, to);
      if (refusal !== undefined) throw refusal;
      const answer = await send(options, project, wanted);
      return stateOf(answer);
    },
    reversible: reversibilityOf,
  };
}

/** Linking again is always allowed: it only gives back. */
async function forbidden(
  options: DetachBillingOptions,
  project: string,
  { billingAccount }: DetachmentState,
): Promise<GenOpsError | undefined> {
  if (billingAccount !== "") return undefined;
  if (!options.isAllowed)
    return new GenOpsError("refused", "billing is detached only with enforcement.billing.allowDetachBilling: true");
  if (!options.projects.includes(project))
    return new GenOpsError("refused", `${project} is not listed under enforcement.billing.gcpDetachBilling`);
  if (await isOwn(options, project))
    return new GenOpsError("refused", `GenOps runs in ${project} or pays from it: its billing is never detached`);
  return undefined;
}

/** Identities of a pool and buckets tell a project's number only. What cannot be told is no permission. */
async function isOwn(options: DetachBillingOptions, project: string): Promise<boolean> {
  const { credentials, ownProjects, ownBuckets, findHome, urls } = options;
  if (ownProjects.includes(project) || (await findHome?.()) === project) return true;
  const numbers = ownProjects.filter((each) => /^\d+$/.test(each));
  if (numbers.length === 0 && ownBuckets.length === 0) return false;
  const ask = async (service: string, url: string, right: string) => {
    const answer = await askGoogle({ credentials, service, url });
    if (answer.status === 200) return Project.parse(JSON.parse(answer.text)).projectNumber;
    const said = `whether GenOps lives in ${project} cannot be told: ${answer.status} ${saidBy(answer)}`;
    throw new GenOpsError("refused", `${said}; allow ${right}`);
  };
  const number = await ask("Resource Manager", projectUrl(urls, project), `resourcemanager.projects.get on ${project}`);
  const storage = urls?.storage ?? "https://storage.googleapis.com";
  for (const bucket of ownBuckets)
    numbers.push(
      await ask(
        "Cloud Storage",
        `${storage}/storage/v1/b/${encodeURIComponent(bucket)}`,
        `storage.buckets.get on gs://${bucket}`,
      ),
    );
  return numbers.includes(number);
}

function conflict(now: DetachmentState, from: object, to: object): GenOpsError | undefined {
  const known = [from, to].map((each) => detachmentState({ ...each }).billingAccount);
  if (known.includes(now.billingAccount)) return undefined;
  return new GenOpsError("conflict", `the project is linked to ${now.billingAccount || "no billing account"} now`);
}

async function describe(options: DetachBillingOptions, project: string): Promise<DetachmentState> {
  return stateOf(await send(options, project));
}

function stateOf(answer: GoogleAnswer): DetachmentState {
  return { billingAccount: Info.parse(JSON.parse(answer.text)).billingAccountName ?? "" };
}

/** Detaching needs a right on the project; linking one more, on the account. Both are asked for before: what is detached must come back. */
async function mayChange(
  { credentials, urls }: DetachBillingOptions,
  project: string,
  from: DetachmentState,
  to: DetachmentState,
): Promise<BillingDryRun> {
  const account = to.billingAccount || from.billingAccount;
  const asked = { credentials, service: SERVICE };
  const onProject = ["deleteBillingAssignment", "createBillingAssignment"].map(
    (name) => `resourcemanager.projects.${name}`,
  );
  const missing = [
    await missingPermissions(asked, projectUrl(urls, project), onProject),
    await missingPermissions(asked, `${billingUrl(urls)}/v1/${account}`, ["billing.resourceAssociations.create"]),
  ];
  const lacking = missing.flatMap((each) => each ?? []);
  if (lacking.length > 0)
    return { ok: false, reason: `GenOps' identity lacks ${lacking.join(", ")} on ${project} or ${account}` };
  if (missing.includes(undefined)) return { ok: true, unchecked: "Google does not tell which permissions there are" };
  return { ok: true };
}

async function send(
  { credentials, urls }: DetachBillingOptions,
  project: string,
  wanted?: DetachmentState,
): Promise<GoogleAnswer> {
  const url = `${billingUrl(urls)}/v1/projects/${encodeURIComponent(project)}/billingInfo`;
  const put =
    wanted === undefined ? {} : { method: "PUT" as const, body: { billingAccountName: wanted.billingAccount } };
  const answer = await askGoogle({ credentials, service: SERVICE, url, ...put });
  if (answer.status === 200) return answer;
  throw failure(project, wanted, answer);
}

function failure(project: string, wanted: DetachmentState | undefined, answer: GoogleAnswer): GenOpsError {
  const said = `billing of ${project}: ${answer.status} ${saidBy(answer)}`;
  if (answer.status === 401 || answer.status === 403) {
    const link = "roles/billing.projectManager on the project and roles/billing.user on the billing account";
    const right = wanted === undefined ? "resourcemanager.projects.get (roles/browser)" : link;
    return new GenOpsError("refused", `${said}; grant ${right}`);
  }
  if (answer.status === 404) return new GenOpsError("config", `${said}; look at enforcement.billing.gcpDetachBilling`);
  const isBusy = answer.status === 409 || answer.status === 429 || answer.status >= 500;
  return new GenOpsError(isBusy ? "unavailable" : "refused", said);
}

function billingUrl(urls: DetachBillingOptions["urls"]): string {
  return urls?.billing ?? "https://cloudbilling.googleapis.com";
}

function projectUrl(urls: DetachBillingOptions["urls"], project: string): string {
  return `${urls?.resourceManager ?? "https://cloudresourcemanager.googleapis.com"}/v1/projects/${encodeURIComponent(project)}`;
}

function projectOf(target: BillingTarget): string {
  if (target.kind === "gcp-detach-billing") return target.project;
  throw new GenOpsError("internal", `Cloud Billing knows no ${target.kind}`);
}
