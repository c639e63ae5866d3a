/** AWS's own shapes of events (`reference/clouds.md` §1.5). */

/** `key` as S3 encodes it. */
export function s3Created(bucket: string, key: string, eventName = "ObjectCreated:Put"): object {
  return {
    Records: [
      {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: "us-east-1",
        eventTime: "2026-11-22T06:00:00.000Z",
        eventName,
        userIdentity: { principalId: "AWS:EXAMPLE" },
        requestParameters: { sourceIPAddress: "127.0.0.1" },
        responseElements: { "x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "example" },
        s3: {
          s3SchemaVersion: "1.0",
          configurationId: "genops",
          bucket: { name: bucket, ownerIdentity: { principalId: "EXAMPLE" }, arn: `arn:aws:s3:::${bucket}` },
          object: { key, size: 1024, eTag: "d41d8cd98f00b204e9800998ecf8427e", sequencer: "0055AED6DCD90281E5" },
        },
      },
    ],
  };
}

export function snsNotification(sns: { Message: string; Subject?: string }): object {
  return {
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: "arn:aws:sns:us-east-1:111122223333:budgets:0",
        Sns: {
          Type: "Notification",
          MessageId: "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
          TopicArn: "arn:aws:sns:us-east-1:111122223333:budgets",
          Subject: sns.Subject ?? null,
          Message: sns.Message,
          Timestamp: "2026-11-22T06:00:00.000Z",
          SignatureVersion: "2",
          Signature: "example",
          SigningCertUrl: "https://sns.us-east-1.amazonaws.com/SimpleNotificationService.pem",
          UnsubscribeUrl: "https://sns.us-east-1.amazonaws.com/",
          MessageAttributes: {},
        },
      },
    ],
  };
}

export interface SqsMessage {
  id: string;
  body: string;
}

export function sqsBatch(messages: readonly SqsMessage[]): object {
  return {
    Records: messages.map(({ id, body }) => ({
      messageId: id,
      receiptHandle: `handle-${id}`,
      body,
      attributes: {
        ApproximateReceiveCount: "1",
        SentTimestamp: "1795327200000",
        SenderId: "AROAEXAMPLE:genops",
        ApproximateFirstReceiveTimestamp: "1795327200001",
      },
      messageAttributes: {},
      md5OfBody: "e4e68fb7bd0e697a0ae8f1bb342846b3",
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:eu-central-1:123456789012:genops",
      awsRegion: "eu-central-1",
    })),
  };
}

export interface HttpCallShape {
  method: string;
  path: string;
  query?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** API Gateway's authorizer let the caller in. */
  signedIn?: boolean;
}

/** An HTTP API's event, payload 2.0. */
export function httpApiEvent({
  method,
  path,
  query = "",
  headers = {},
  body,
  signedIn = false,
}: HttpCallShape): object {
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    headers: { host: "api.example.com", ...headers },
    requestContext: {
      accountId: "123456789012",
      apiId: "api-id",
      domainName: "api.example.com",
      domainPrefix: "api",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" },
      requestId: "r-1",
      routeKey: "$default",
      stage: "$default",
      time: "22/Nov/2026:06:00:00 +0000",
      timeEpoch: 1_795_327_200_000,
      ...(signedIn ? { authorizer: { iam: { userArn: "arn:aws:iam::123456789012:user/example" } } } : {}),
    },
    ...(body === undefined ? {} : { body: Buffer.from(body).toString("base64") }),
    isBase64Encoded: body !== undefined,
  };
}
