import { createHash } from "node:crypto";
import { json, type Reply, serve } from "../identity/server.ts";
import type { CloudServices, SentMessage } from "./sent-message.ts";

/** SQS `SendMessage` and SSM `GetParameters`, as the SDK speaks to them. */
export async function startAwsServices(parameters: Readonly<Record<string, string>> = {}): Promise<CloudServices> {
  const sent: SentMessage[] = [];

  function sendMessage(text: string, url: string, delaySeconds: number | undefined): Reply {
    const delay = delaySeconds === undefined ? {} : { delaySeconds };
    const message = { queue: url.split("/").at(-1) ?? "", body: text, ...delay };
    if (services.refuse(message))
      return json(403, { __type: "com.amazonaws.sqs#AccessDenied", message: "Access denied" });
    sent.push(message);
    return json(200, { MessageId: `m-${sent.length}`, MD5OfMessageBody: createHash("md5").update(text).digest("hex") });
  }

  function getParameters(names: readonly string[]): Reply {
    const known = names.filter((name) => name in parameters);
    return json(200, {
      Parameters: known.map((Name) => ({ Name, Value: parameters[Name], Type: "SecureString" })),
      InvalidParameters: names.filter((name) => !(name in parameters)),
    });
  }

  const server = await serve(({ headers, body }) => {
    const { QueueUrl, MessageBody, DelaySeconds, Names } = JSON.parse(body) as {
      QueueUrl: string;
      MessageBody: string;
      DelaySeconds?: number;
      Names: string[];
    };
    return headers["x-amz-target"] === "AmazonSQS.SendMessage"
      ? sendMessage(MessageBody, QueueUrl, DelaySeconds)
      : getParameters(Names);
  });
  const services: CloudServices = {
    sent,
    refuse: () => false,
    queueAddress: (name) => `${server.url}/123456789012/${name}`,
    env: {
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "ASIAEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "example",
      AWS_SESSION_TOKEN: "example",
      AWS_ENDPOINT_URL_SQS: server.url,
      AWS_ENDPOINT_URL_SSM: server.url,
    },
    close: server.close,
  };
  return services;
}
