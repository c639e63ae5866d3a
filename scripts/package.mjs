// `npm run package:aws|azure|gcp [-- --arch arm64]`: builds what is deployed, offline. `serverless.yml` and `terraform/` deploy the same zips.
import { parseArgs } from "node:util";
import { ensureInstalled, ensureTools } from "./lib/install.mjs";
import { main } from "./lib/main.mjs";

await main(async () => {
  await ensureInstalled();
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { arch: { type: "string", default: "x64" } },
  });
  const cloud = positionals[0];
  if ((cloud !== "aws" && cloud !== "azure" && cloud !== "gcp") || (values.arch !== "x64" && values.arch !== "arm64")) {
    console.error("usage: npm run package:aws|azure|gcp [-- --arch x64|arm64]");
    return 2;
  }
  // Only now: they need what was installed.
  const { printPackages, writePackages } = await import("./lib/package/write-packages.mjs");
  const written = await writePackages(cloud, values.arch);
  console.log(`${cloud}, ${values.arch}:`);
  printPackages(cloud, written, console.log);
  if (cloud !== "aws") return 0;
  await ensureTools();
  const { packageTemplate } = await import("./lib/package/serverless.mjs");
  const template = await packageTemplate(values.arch);
  console.log(`  CloudFormation template: ${template}`);
  return 0;
});
