import { startAws } from "./aws-driver.ts";
import { startAzure } from "./azure-driver.ts";
import type { DriverOptions, RuntimeDriver, RuntimeName } from "./driver.ts";
import { startGcp } from "./gcp-driver.ts";
import { startLocal } from "./local-driver.ts";

export const RUNTIMES: Readonly<Record<RuntimeName, (options: DriverOptions) => Promise<RuntimeDriver>>> = {
  local: startLocal,
  aws: startAws,
  azure: startAzure,
  gcp: startGcp,
};
