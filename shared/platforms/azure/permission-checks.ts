import { QueueClient } from "@azure/storage-queue";
import { readClaims } from "../../core/token-claims.ts";
import type { AzureTokens } from "../../ports/credentials.ts";
import type { Grant, PermissionCheck } from "../../ports/permissions.ts";
import { createPersonalTokens } from "./credentials.ts";
import { queueGrant } from "./grants.ts";

const MANAGEMENT = "https://management.azure.com/.default";
/** The message expires as it becomes visible: Azure wants it to live longer than it is hidden. */
const HIDDEN_SECONDS = 60;

/** Whether Entra gives this process a token, and for whom. Free, and needs no right. */
export function identityCheck(tokens: AzureTokens | undefined, what: string, grant: Grant): PermissionCheck {
  return {
    what,
    grant,
    async ask() {
      const { token } = await (tokens ?? createPersonalTokens()).getToken(MANAGEMENT);
      return { outcome: "granted", detail: `signed in as ${readClaims(token).subject ?? "an Entra identity"}` };
    },
  };
}

export interface QueueCheckOptions {
  tokens?: AzureTokens | undefined;
  /** Address of the storage account's queues, or a connection string that leads to this machine. */
  account: { url: string } | { connectionString: string };
}

/** Puts a message that nobody sees into the queue and takes it back; who may only send leaves it there, hidden until it expires. */
export function queueCheck(name: string, { tokens, account }: QueueCheckOptions): PermissionCheck {
  return {
    what: `queue ${name}: send`,
    grant: queueGrant(name),
    async ask() {
      const client =
        "url" in account
          ? new QueueClient(`${account.url}/${name}`, tokens ?? createPersonalTokens())
          : new QueueClient(account.connectionString, name);
      const { messageId, popReceipt } = await client.sendMessage("{}", {
        visibilityTimeout: HIDDEN_SECONDS,
        messageTimeToLive: HIDDEN_SECONDS + 1,
      });
      await client.deleteMessage(messageId, popReceipt).catch(() => undefined);
      return { outcome: "granted", detail: "a hidden message was sent and taken back" };
    },
  };
}
