import { writeFile } from "node:fs/promises";
import { GenOpsError } from "../../../shared/core/errors.ts";
import type { Output } from "../output.ts";

const FIRST_CONFIG = `# GenOps configuration. Every key: docs/configuration.md
lake: file:./lake
currency: { report: USD }

sources:
  # One entry per bill. A location is a file, a glob, or a folder with the export's manifest.
  - { id: aws, type: aws-data-export, location: ./bills/aws }
  # - { id: azure, type: azure-cost-export, actual: ./bills/azure/actual, amortized: ./bills/azure/amortized }
  # - { id: gcp, type: gcp-billing-export, location: ./bills/gcp/*.ndjson }
  # - { id: focus, type: focus-export, location: ./bills/focus/*.parquet }

allocation:
  labels:
    team: [genops.ai/team, team]
    environment: [genops.ai/environment, environment, env]

budgets:
  global:
    monthly_limit: 10000
    currency: USD
    alerts:
      - { threshold: 80, action: notify }
      - { threshold: 100, action: notify }

# notifications:
#   slack: { token: "\${env:SLACK_BOT_TOKEN}", channel: C0123456789 }
`;

/** Writes a first configuration; never over an existing one. */
export async function init(file: string, out: Output): Promise<number> {
  try {
    await writeFile(file, FIRST_CONFIG, { flag: "wx" });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      throw new GenOpsError("usage", `${file} exists already; it was not changed`);
    }
    throw error;
  }
  out.line(`Wrote ${file}. Put your bill's location into it, then run: genops doctor, genops collect, genops report`);
  return 0;
}
