/** The careless first: the order in which environments are acted on. */
export type EnvironmentClass = "dev" | "staging" | "prod";

const DEV = /^(dev|develop|development|test|testing|qa|sandbox|lab|local|playground|experiment|preview)\b/;
const STAGING = /^(stag|stage|staging|stg|preprod|pre-prod|uat|acceptance|canary)\b/;

/** Unknown and unlabelled is handled as prod. */
export function environmentClass(environment: string): EnvironmentClass {
  const word = environment.toLowerCase();
  if (DEV.test(word)) return "dev";
  return STAGING.test(word) ? "staging" : "prod";
}

const ORDER: Readonly<Record<EnvironmentClass, number>> = { dev: 0, staging: 1, prod: 2 };

export function environmentRank(environment: string): number {
  return ORDER[environmentClass(environment)];
}
