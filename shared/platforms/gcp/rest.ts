import { GenOpsError, messageOf } from "../../core/errors.ts";
import type { GoogleCredentials } from "./credentials.ts";

export interface GoogleRequest {
  credentials: GoogleCredentials;
  /** As people call the service, for messages: `Cloud Billing`. */
  service: string;
  url: string;
  method?: "GET" | "POST" | "PUT";
  body?: unknown;
}

export interface GoogleAnswer {
  status: number;
  text: string;
}

const TIMEOUT_MS = 10_000;

/** One request to a Google API. Throws `unavailable` when nothing answers. */
export async function askGoogle({
  credentials,
  service,
  url,
  method = "GET",
  body,
}: GoogleRequest): Promise<GoogleAnswer> {
  const { token } = await credentials.getAccessToken();
  if (typeof token !== "string") throw new GenOpsError("unavailable", "Google gave no access token");
  const answered = async () => {
    const answer = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  };
  return answered().catch((error: unknown) => {
    throw new GenOpsError("unavailable", `${service} does not answer: ${messageOf(error)}`, { cause: error });
  });
}

/** The message of Google's error body, or the body's start. */
export function saidBy({ text }: GoogleAnswer): string {
  try {
    const parsed: { error?: { message?: unknown } } = JSON.parse(text);
    if (typeof parsed.error?.message === "string") return parsed.error.message;
  } catch {
    // Not Google's own error: a proxy's page.
  }
  return text.slice(0, 300);
}

/** Which of the permissions this process lacks at a resource; undefined: Google does not tell. */
export async function missingPermissions(
  request: Pick<GoogleRequest, "credentials" | "service">,
  url: string,
  permissions: readonly string[],
): Promise<string[] | undefined> {
  const answer = await askGoogle({
    ...request,
    url: `${url}:testIamPermissions`,
    method: "POST",
    body: { permissions },
  });
  if (answer.status !== 200) return undefined;
  const granted: { permissions?: unknown } = JSON.parse(answer.text);
  const list: unknown[] = Array.isArray(granted.permissions) ? granted.permissions : [];
  return permissions.filter((permission) => !list.includes(permission));
}
