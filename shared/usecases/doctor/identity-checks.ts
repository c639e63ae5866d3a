import type { Config, CredentialsConfig } from "../../config/types.ts";
import type { Cloud } from "../../ports/credentials.ts";
import type { PermissionCheck } from "../../ports/permissions.ts";
import type { Credentials } from "../open-credentials.ts";
import { type Environment, findStaticVariables } from "../static-environment.ts";
import { type DoctorCheck, unchecked } from "./check.ts";

/** Who this process is in a cloud that it has to get into: at home by itself, elsewhere by an exchange that is made here and now. */
export async function identityCheck(
  cloud: Cloud,
  credentials: Credentials,
  configured: CredentialsConfig,
): Promise<PermissionCheck> {
  const isForeign = credentials.home !== "local" && credentials.home !== cloud;
  const what = isForeign ? `identity: ${credentials.home} → ${cloud}` : `identity in ${cloud}`;
  switch (cloud) {
    case "aws": {
      const checks = await import("../../platforms/aws/permission-checks.ts");
      const { assumeRoleGrant, SIGN_IN_GRANT } = await import("../../platforms/aws/grants.ts");
      const { aws } = configured;
      const grant = isForeign && aws?.kind === "federated" ? assumeRoleGrant(aws.roleArn) : SIGN_IN_GRANT;
      return opened(what, grant, async () => checks.identityCheck(await credentials.aws(), what, grant));
    }
    case "azure": {
      const checks = await import("../../platforms/azure/permission-checks.ts");
      const { federatedGrant, SIGN_IN_GRANT } = await import("../../platforms/azure/grants.ts");
      const grant =
        isForeign && configured.azure !== undefined ? federatedGrant(configured.azure.clientId) : SIGN_IN_GRANT;
      return opened(what, grant, async () => checks.identityCheck(await credentials.azure(), what, grant));
    }
    case "gcp": {
      const checks = await import("../../platforms/gcp/permission-checks.ts");
      const { federatedGrant, SIGN_IN_GRANT } = await import("../../platforms/gcp/grants.ts");
      const { gcp } = configured;
      const grant =
        isForeign && gcp?.kind === "federated" ? federatedGrant(gcp.workloadIdentityProvider) : SIGN_IN_GRANT;
      return opened(what, grant, async () => checks.identityCheck(await credentials.gcp(), what, grant));
    }
  }
}

/** Opening the credentials may fail already, and is a part of the check. */
function opened(what: string, grant: PermissionCheck["grant"], open: () => Promise<PermissionCheck>): PermissionCheck {
  return { what, grant, ask: async () => (await open()).ask() };
}

/** Configured exchanges that this process cannot make: on a person's machine there is nothing to exchange. */
export function exchangesElsewhere({ home }: Credentials, configured: CredentialsConfig): DoctorCheck[] {
  if (home !== "local") return [];
  return (["aws", "azure", "gcp"] as const)
    .filter((cloud) => configured[cloud]?.kind === "federated")
    .map((cloud) =>
      unchecked(
        `credentials.${cloud}`,
        "only processes in the other clouds exchange their identity for it (GENOPS_CLOUD)",
      ),
    );
}

/** Long-lived keys, where the configuration accepts them. Without that, they are refused where they are met. */
export async function staticCredentialsCheck(
  { allowStaticCredentials, credentials }: Config,
  environment: Environment,
): Promise<DoctorCheck[]> {
  if (!allowStaticCredentials) return [];
  const configured = (["aws", "azure", "gcp"] as const)
    .filter((cloud) => credentials[cloud]?.kind === "static")
    .map((cloud) => `credentials.${cloud}`);
  const found = [
    ...configured,
    ...(await findStaticVariables(environment)).map(({ name, what }) => `${name} (${what})`),
  ];
  const detail = `accepted, for development only; found: ${found.join(", ") || "none"}`;
  return [{ what: "static credentials", ok: true, detail }];
}
