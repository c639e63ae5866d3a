/** Slugs of the providers that GenOps knows by name. Others get a slug of their name. */
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/^(aws|amazon)/i, "aws"],
  [/^(azure|microsoft)/i, "azure"],
  [/^(gcp|google)/i, "gcp"],
  [/^(oracle|oci)/i, "oracle"],
];

/** `provider` of reports and scopes: a slug of HostProviderName (`AWS` → `aws`, `Microsoft` → `azure`, `Acme Cloud` → `acme-cloud`). */
export function providerSlug(hostProviderName: string): string {
  const known = KNOWN.find(([pattern]) => pattern.test(hostProviderName));
  return known?.[1] ?? (hostProviderName.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "unknown");
}
