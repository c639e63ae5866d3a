import * as z from "zod";
import { GenOpsError } from "../../core/errors.ts";
import type { Grant, PermissionCheck } from "../../ports/permissions.ts";
import { findGoogleCredentials, type GoogleCredentials } from "./credentials.ts";
import { topicGrant } from "./grants.ts";

/** Whether Google gives this process an access token. Free, and needs no right. */
export function identityCheck(credentials: GoogleCredentials | undefined, what: string, grant: Grant): PermissionCheck {
  return {
    what,
    grant,
    async ask() {
      const client = credentials ?? (await findGoogleCredentials());
      await client.getAccessToken();
      const account = "getServiceAccountEmail" in client ? client.getServiceAccountEmail() : null;
      return { outcome: "granted", detail: account === null ? "signed in" : `signed in as ${account}` };
    },
  };
}

const PUBLISH = "pubsub.topics.publish";
const Answer = z.object({ permissions: z.array(z.string()).optional() });

export interface TopicCheckOptions {
  credentials?: GoogleCredentials | undefined;
  /** Instead of `https://pubsub.googleapis.com`, for tests. */
  pubsubUrl?: string | undefined;
}

/** Asks Pub/Sub which of a topic's permissions this process has. Free, and sends nothing. */
export function topicCheck(topic: string, { credentials, pubsubUrl }: TopicCheckOptions = {}): PermissionCheck {
  return {
    what: `queue ${topic}: send`,
    grant: topicGrant(topic),
    async ask() {
      const client = credentials ?? (await findGoogleCredentials());
      const { data } = await client.request<unknown>({
        url: new URL(`${pubsubUrl ?? "https://pubsub.googleapis.com"}/v1/${topic}:testIamPermissions`),
        method: "POST",
        data: { permissions: [PUBLISH] },
      });
      if (Answer.parse(data).permissions?.includes(PUBLISH) === true)
        return { outcome: "granted", detail: `${PUBLISH} is granted` };
      throw new GenOpsError("config", `${topic}: access denied; the identity in use needs ${PUBLISH}`);
    },
  };
}
