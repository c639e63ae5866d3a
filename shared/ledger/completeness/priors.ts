import { COMPLETE, type Completeness } from "./completeness.ts";

/**
 * What is believed of a provider's bill before its own history says more: per age in days, what a look in the course of that day sees.
 * The order of magnitude follows what the providers say (AWS: within 24 hours, refreshed up to three times a day; Azure: 8 to 24 hours,
 * changes for 72; Google: no promise, rows may be days late); the figures themselves are assumptions, wide enough to be wrong.
 */
const PRIORS: Readonly<Record<string, readonly Completeness[]>> = {
  aws: [
    { share: 0.9, spread: 0.1 },
    { share: 0.99, spread: 0.03 },
    { share: 0.997, spread: 0.01 },
  ],
  azure: [
    { share: 0.8, spread: 0.2 },
    { share: 0.95, spread: 0.06 },
    { share: 0.99, spread: 0.02 },
    { share: 0.997, spread: 0.01 },
  ],
  gcp: [
    { share: 0.85, spread: 0.15 },
    { share: 0.98, spread: 0.04 },
    { share: 0.99, spread: 0.02 },
    { share: 0.997, spread: 0.01 },
  ],
};

const OTHERS: readonly Completeness[] = [
  { share: 0.85, spread: 0.15 },
  { share: 0.97, spread: 0.05 },
  { share: 0.99, spread: 0.02 },
  { share: 0.997, spread: 0.01 },
];

export function priorOf(provider: string | undefined, age: number): Completeness {
  const ages = (provider !== undefined && Object.hasOwn(PRIORS, provider) ? PRIORS[provider] : undefined) ?? OTHERS;
  return ages[Math.max(0, age)] ?? COMPLETE;
}

export const PROVIDERS_WITH_PRIOR: readonly string[] = Object.keys(PRIORS);
