import type { Grant, StoreGrants } from "../../ports/permissions.ts";

function assign(role: string, scope: string): Grant {
  const how = `az role assignment create --assignee <object id of GenOps' identity> --role "${role}" --scope "${scope}"`;
  return { right: role, how };
}

/** For `azblob://account/container/prefix`. */
export function blobGrants(location: string): StoreGrants {
  const [account = "", container = ""] = location.replace(/^az(ure)?blob:\/\//i, "").split("/");
  const scope = `<resource id of the storage account ${account}>/blobServices/default/containers/${container}`;
  const reader = assign("Storage Blob Data Reader", scope);
  const contributor = assign("Storage Blob Data Contributor", scope);
  return { list: reader, read: reader, write: contributor, delete: contributor };
}

/** For a scope of Cost Management, without a slash at its start. */
export function costQueryGrant(scope: string): Grant {
  return assign("Cost Management Reader", `/${scope.replace(/^\//, "")}`);
}

/** For a storage queue of the function app. */
export function queueGrant(name: string): Grant {
  return assign(
    "Storage Queue Data Message Sender",
    `<resource id of the function app's storage account>/queueServices/default/queues/${name}`,
  );
}

/** For an application that another cloud's function becomes. */
export function federatedGrant(clientId: string): Grant {
  return {
    right: "a federated credential",
    how: `on the application ${clientId}: see "Trust in Azure" in docs/identity.md`,
  };
}

export const SIGN_IN_GRANT: Grant = {
  right: "an identity in Entra",
  how: "in Azure: give the function app a managed identity; on your machine: az login; elsewhere: credentials.azure",
};
