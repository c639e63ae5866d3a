import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { AwsAccess } from "../../ports/credentials.ts";
import type { Grant, PermissionCheck } from "../../ports/permissions.ts";
import { sqsGrant } from "./grants.ts";

/** Who AWS says this process is. Free, and needs no right. */
export function identityCheck(access: AwsAccess, what: string, grant: Grant): PermissionCheck {
  return {
    what,
    grant,
    async ask() {
      const client = new STSClient({ ...access, region: access.region ?? process.env["AWS_REGION"] ?? "us-east-1" });
      const { Arn } = await client.send(new GetCallerIdentityCommand());
      const { accessKeyId, sessionToken } = await client.config.credentials();
      const isStatic = sessionToken === undefined && accessKeyId.startsWith("AKIA");
      const detail = `${Arn}${isStatic ? ", by a long-lived access key: use single sign-on or a role instead" : ""}`;
      return { outcome: "granted", detail };
    },
  };
}

/** SQS refuses an empty message after it has looked at the sender's rights [assumed], so nothing is sent and nothing is paid. */
export function queueCheck(url: string, access: AwsAccess): PermissionCheck {
  return {
    what: `queue ${url}: send`,
    grant: sqsGrant(url),
    async ask() {
      const region = access.region ?? /^https:\/\/sqs\.([a-z0-9-]+)\./.exec(url)?.[1];
      const client = new SQSClient({ ...access, ...(region === undefined ? {} : { region }) });
      try {
        await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "" }));
      } catch (error) {
        if (!isAboutTheBody(error)) throw error;
      }
      return { outcome: "granted", detail: "would be accepted (an empty message was refused only for being empty)" };
    },
  };
}

const EMPTY_BODY =
  /^(MissingParameter|MissingRequiredParameterException|InvalidParameterValue|InvalidParameterValueException|EmptyValue)$/;

function isAboutTheBody(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "Code" in error && typeof error.Code === "string" ? error.Code.split(".").at(-1) : undefined;
  return EMPTY_BODY.test(error.name) || EMPTY_BODY.test(code ?? "");
}
