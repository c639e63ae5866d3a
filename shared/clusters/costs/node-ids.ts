/** How a node's machine is called on its cloud's bill. */
export interface MachineId {
  provider: "aws" | "azure" | "gcp";
  /** Compared with `MACHINE_KEY_SQL` of a row: the machine itself, then what is billed as one for several (a scale set). */
  keys: readonly string[];
}

/**
 * Reads `spec.providerID`: `aws:///us-west-2a/i-0abc`, `azure:///subscriptions/…/virtualMachineScaleSets/x/virtualMachines/0`,
 * `gce://project/zone/name`. Undefined: a cloud that is not known.
 */
export function machineOf(providerId: string): MachineId | undefined {
  const [, scheme, rest = ""] = /^(aws|azure|gce):\/\/(.+)$/.exec(providerId) ?? [];
  const path = rest.toLowerCase();
  switch (scheme) {
    case "aws":
      return { provider: "aws", keys: [lastPart(path)] };
    case "azure": {
      const set = /^(.*\/virtualmachinescalesets\/[^/]+)\/virtualmachines\/[^/]+$/.exec(path)?.[1];
      return { provider: "azure", keys: set === undefined ? [path] : [path, set] };
    }
    case "gce":
      return { provider: "gcp", keys: [path.split("/").slice(-2).join("/")] };
    default:
      return undefined;
  }
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Of a FOCUS row: Azure's resource id; Google's zone and name, because its id is another number; else the id, or the end of its ARN. */
export const MACHINE_KEY_SQL = `CASE
  WHEN starts_with(lower(ResourceId), '/subscriptions/') THEN lower(ResourceId)
  WHEN starts_with(ResourceId, '//compute.googleapis.com/') THEN lower(AvailabilityZone || '/' || ResourceName)
  ELSE lower(split_part(ResourceId, '/', -1)) END`;

/** What is billed by time, over `unit`, a ConsumedUnit in lower case: a machine's traffic stands under its name too, and does not go with it. */
export const BY_TIME_SQL = `(unit IS NULL OR regexp_matches(unit, '(^|[^a-z])(hours?|hrs?|h|seconds?|sec|s|minutes?)$'))`;

/** Paid anyway: covered by a reservation, a savings plan or a committed use discount. */
export const COMMITTED_SQL = `(CommitmentDiscountId IS NOT NULL OR coalesce(PricingCategory, '') = 'Committed')`;
