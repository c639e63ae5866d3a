import type { AlertsConfig } from "../../config/types.ts";
import { alertEvent, alertFromActionGroup } from "../../governance/inbound-alerts/envelopes.ts";
import { boundedAlert } from "./bounded-alert.ts";
import { isSameSecret } from "./same-secret.ts";
import { type Hook, type HookAnswer, type HookDeps, type HookRequest, refused, type Verdict } from "./types.ts";
import { type ExpectedToken, type KeySets, verifyToken } from "./verify-token.ts";

/** "AzNS AAD Webhook", the application that Action Groups sign in as, and the role it is given (`reference/clouds.md` §2.3). */
const ACTION_GROUPS_APP = "461e8683-5575-4561-ac7f-899cc907d62a";
const ACTION_GROUPS_ROLE = "ActionGroupsSecureWebhook";

/** Azure Monitor's Action Groups: a secure webhook (Entra token), or a plain one with a secret in its URL or as basic password. */
export function createAzureHook(deps: HookDeps, keySets: KeySets): Hook {
  return async (request) => {
    const { azureMonitor } = deps.config;
    if (azureMonitor.secret === undefined && azureMonitor.tenantId === undefined) return UNCONFIGURED;
    const verdict = await verifySender(request, deps, keySets);
    if (!verdict.ok) return verdict.answer;
    const { alert, cut } = boundedAlert(alertFromActionGroup(request.body));
    if (cut) deps.log.warn("an alert of Azure Monitor is cut: it is too long for a queue");
    await deps.publish(alertEvent(alert, deps.clock.now()));
    return { status: "accepted", detail: "Thank you." };
  };
}

const UNCONFIGURED: HookAnswer = {
  status: "unconfigured",
  detail:
    "Set alerts.azureMonitor.tenantId and audience (secure webhook), or alerts.azureMonitor.secret (plain webhook), in genops.yaml.",
};

async function verifySender(request: HookRequest, deps: HookDeps, keySets: KeySets): Promise<Verdict<undefined>> {
  const { secret } = deps.config.azureMonitor;
  const given = secret === undefined ? [] : givenSecrets(request);
  if (secret !== undefined && given.some((each) => isSameSecret(each, secret)))
    return { ok: true, verified: undefined };
  const expected = expectedToken(deps.config.azureMonitor);
  if (expected === undefined)
    return refused(given.length === 0 ? "there is no secret in the URL" : "the secret is wrong");
  const token = await verifyToken(request.headers, expected, deps, keySets);
  if (!token.ok) return token;
  const { appid, azp, roles } = token.verified;
  if ((azp ?? appid) !== ACTION_GROUPS_APP) return refused("the token is not of Azure Monitor's Action Groups");
  if (!Array.isArray(roles) || !roles.includes(ACTION_GROUPS_ROLE))
    return refused(`the token has no role ${ACTION_GROUPS_ROLE}`);
  return { ok: true, verified: undefined };
}

/** `?secret=…`, or the password of `https://user:password@…`. */
function givenSecrets({ query, headers }: HookRequest): string[] {
  const basic = /^Basic ([\w+/=]+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  const password =
    basic === undefined
      ? undefined
      : Buffer.from(basic, "base64")
          .toString("utf8")
          .replace(/^[^:]*:/, "");
  return [query["secret"], password].filter((each) => each !== undefined);
}

/** Which version of tokens an application gets is its own setting, so both issuers are the tenant's; `api://ID` and `ID` are one application. */
function expectedToken({ tenantId, audience, authority }: AlertsConfig["azureMonitor"]): ExpectedToken | undefined {
  if (tenantId === undefined || audience === undefined) return undefined;
  const base = authority.replace(/\/$/, "");
  return {
    keysUrl: `${base}/${tenantId}/discovery/v2.0/keys`,
    issuers: [`${base}/${tenantId}/v2.0`, `https://sts.windows.net/${tenantId}/`],
    audiences: [audience, audience.replace(/^api:\/\//, "")],
  };
}
