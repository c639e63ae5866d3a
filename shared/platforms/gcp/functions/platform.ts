import { GenOpsError } from "../../../core/errors.ts";
import type { LogEntry, Platform, Queue } from "../../../ports/platform.ts";

/** `${secret:slack-token}` is the variable GENOPS_SECRET_slack_token, which the service fills from Secret Manager. */
const SECRETS = "GENOPS_SECRET_";
const API = "https://pubsub.googleapis.com";

/** Google Cloud around a Cloud Run function; `api` is Pub/Sub's address. SDKs are loaded when they are first needed. */
export function createGcpPlatform(environment: Platform["environment"] = process.env, api = API): Platform {
  return {
    name: "gcp",
    environment,
    // The container's limit; without one (on a developer's machine) all there is.
    memoryMb: Math.round(process.constrainedMemory() / 2 ** 20),
    fetchSecrets: (names) =>
      Promise.resolve(
        new Map(
          names.flatMap((name) => {
            const value = environment[`${SECRETS}${name.replaceAll(/\W/g, "_")}`];
            return value === undefined ? [] : [[name, value] as const];
          }),
        ),
      ),
    openQueue: (topic) => openTopic(topic, environment, api),
  };
}

/** A Pub/Sub topic by its full name, over REST; at an emulator if `PUBSUB_EMULATOR_HOST` names one. */
async function openTopic(topic: string, environment: Platform["environment"], api: string): Promise<Queue> {
  if (!/^projects\/[^/]+\/topics\/[^/]+$/.test(topic)) {
    throw new GenOpsError("config", `"${topic}" is no topic; name it as projects/PROJECT/topics/TOPIC`);
  }
  const emulator = environment["PUBSUB_EMULATOR_HOST"];
  const post = emulator === undefined ? await signedPost() : plainPost;
  const url = `${emulator === undefined ? api : `http://${emulator}`}/v1/${topic}:publish`;
  return {
    send: (message) => post(url, { messages: [{ data: Buffer.from(message, "utf8").toString("base64") }] }),
  };
}

type Post = (url: string, body: object) => Promise<void>;

/** With the service account's token. Publishing twice is allowed, so it may be tried again. */
async function signedPost(): Promise<Post> {
  const { findGoogleCredentials } = await import("../credentials.ts");
  const auth = await findGoogleCredentials();
  return async (url, data) => {
    await auth.request({
      url: new URL(url),
      method: "POST",
      data,
      retryConfig: { retry: 3, httpMethodsToRetry: ["POST"] },
    });
  };
}

const plainPost: Post = async (url, body) => {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new GenOpsError("unavailable", `Pub/Sub answered ${answer.status}: ${await answer.text()}`);
};

const SEVERITY: Readonly<Record<LogEntry["severity"], string>> = { info: "INFO", warn: "WARNING", error: "ERROR" };

/** One JSON object per line, as Cloud Logging reads it. */
export function writeLine({ severity, message, fields }: LogEntry): void {
  const line = { severity: SEVERITY[severity], time: new Date().toISOString(), message, ...fields };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
