import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { root } from "./paths.ts";

/** The last days of the sample bills are partly delivered then. */
export const NOW = "2024-09-30T12:00:00Z";

export interface Workspace {
  folder: string;
  /** Path of genops.yaml. */
  config: string;
  lake: string;
  /** Folder of secrets, a file each: what the command line reads. */
  secrets: string;
  /** Where its functions put their temporary folders: they are killed in the end and cannot tidy up. */
  tmp: string;
  remove(): Promise<void>;
}

const SAMPLES = path.join(root, "samples");

/** Budgets that are exceeded by the sample bills; a source per cloud, and one in a bucket of each cloud that is only told of exports. */
const CONFIG = `
currency: { report: USD, rates: "${path.join(SAMPLES, "rates.csv")}" }
sources:
  - { id: company-aws, type: focus-export, location: "${SAMPLES}/company/aws-2024-09.csv.gz" }
  - { id: company-gcp, type: focus-export, location: "${SAMPLES}/company/gcp-2024-09.csv.gz" }
  - { id: bill-aws, type: aws-data-export, location: "${SAMPLES}/bills/aws_cur2_synth.csv" }
  - id: bill-azure
    type: azure-cost-export
    actual: "${SAMPLES}/bills/azure_mca_actual_synth.csv"
    amortized: "${SAMPLES}/bills/azure_mca_amortized_synth.csv"
  - { id: bill-gcp, type: gcp-billing-export, location: "${SAMPLES}/bills/gcp_detailed_export_synth.ndjson" }
allocation:
  labels: { team: [genops.ai/team, team] }
budgets:
  global: { monthly_limit: 9000, currency: USD, alerts: [{ threshold: 80, action: notify }, { threshold: 100, action: throttle }] }
  aws: { monthly_limit: 20000, alerts: [{ threshold: 90, action: notify }] }
  by_team:
    ai-research: { monthly_limit: 3000, alerts: [{ threshold: 80, action: notify }, { threshold: 100, action: throttle }] }
clusters:
  - { name: aws-cluster, provider: snapshot, location: "${SAMPLES}/cluster.json" }
enforcement: { enterAfter: 1 }
alerts:
  azureMonitor: { secret: "\${secret:azure-monitor}" }
`;

/** Bills in each cloud's bucket. They are told of, not collected. */
export const EXPORTS = `
sources:
  - { id: in-s3, type: aws-data-export, location: "s3://bills/cur2" }
  - { id: in-blob, type: focus-export, location: "azblob://acmebills/exports/focus" }
  - { id: in-gcs, type: focus-export, location: "gs://bills/focus" }
`;

/** The value of `\${secret:azure-monitor}`. */
export const HOOK_SECRET = "a secret that is long enough";

/** A configuration and an empty lake in a folder of their own. */
export async function createWorkspace(config = CONFIG): Promise<Workspace> {
  const folder = await mkdtemp(path.join(tmpdir(), "genops-runtime-"));
  const file = path.join(folder, "genops.yaml");
  await writeFile(file, `lake: file:./lake\n${config}`);
  const secrets = path.join(folder, "secrets");
  await mkdir(secrets);
  await mkdir(path.join(folder, "tmp"));
  await writeFile(path.join(secrets, "azure-monitor"), HOOK_SECRET);
  return {
    folder,
    config: file,
    lake: `file:${path.join(folder, "lake")}`,
    secrets,
    tmp: path.join(folder, "tmp"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
