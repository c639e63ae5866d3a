/** Providers that GenOps knows by name: slug, and a pattern of what their names begin with (over lower-case ASCII). */
export const PROVIDER_PATTERNS: readonly (readonly [slug: string, pattern: string])[] = [
  ["aws", "^(aws|amazon)"],
  ["azure", "^(azure|microsoft)"],
  ["gcp", "^(gcp|google)"],
  ["oracle", "^(oracle|oci)"],
];

/**
 * `provider` of reports and scopes: a slug of HostProviderName (`AWS` → `aws`, `Microsoft` → `azure`, `Acme Cloud` → `acme-cloud`).
 * Letters beyond ASCII separate words: engines disagree on how to fold them. The same rule in SQL: `shared/ledger/dimensions.ts`.
 */
export function providerSlug(hostProviderName: string): string {
  const slug = hostProviderName
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .toLowerCase();
  return PROVIDER_PATTERNS.find(([, pattern]) => new RegExp(pattern).test(slug))?.[0] ?? (slug || "unknown");
}
