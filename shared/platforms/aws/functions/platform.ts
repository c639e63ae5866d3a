import type { LogEntry, Platform } from "../../../ports/platform.ts";

/** Parameters below this path hold the secrets: `/genops/slack-token` is `${secret:slack-token}`. */
const SECRETS = "/genops/";
/** What one GetParameters takes. */
const PARAMETERS_AT_ONCE = 10;

/** AWS around a Lambda function. Each SDK is loaded when it is first needed. */
export function createAwsPlatform(environment: Platform["environment"] = process.env): Platform {
  const memoryMb = Number(environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] ?? 0);
  return { name: "aws", environment, memoryMb, fetchSecrets, openQueue: async (url) => openSqs(url) };
}

async function fetchSecrets(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { GetParametersCommand, SSMClient } = await import("@aws-sdk/client-ssm");
  const client = new SSMClient();
  const found = new Map<string, string>();
  for (let start = 0; start < names.length; start += PARAMETERS_AT_ONCE) {
    const Names = names.slice(start, start + PARAMETERS_AT_ONCE).map((name) => `${SECRETS}${name}`);
    const { Parameters = [] } = await client.send(new GetParametersCommand({ Names, WithDecryption: true }));
    for (const { Name, Value } of Parameters)
      if (Name !== undefined && Value !== undefined) found.set(Name.slice(SECRETS.length), Value);
  }
  return found;
}

/** The longest that SQS keeps a message back. */
const MAX_DELAY_SECONDS = 900;

async function openSqs(url: string): ReturnType<Platform["openQueue"]> {
  const { SendMessageCommand, SQSClient } = await import("@aws-sdk/client-sqs");
  const client = new SQSClient();
  return {
    async send(message, { delayMs = 0 } = {}) {
      const DelaySeconds = Math.min(Math.ceil(delayMs / 1_000), MAX_DELAY_SECONDS);
      const delay = DelaySeconds > 0 ? { DelaySeconds } : {};
      await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: message, ...delay }));
    },
  };
}

/** One JSON object per line; CloudWatch Logs keeps each as an event. */
export function writeLine({ severity, message, fields }: LogEntry): void {
  const line = { time: new Date().toISOString(), level: severity, message, ...fields };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
