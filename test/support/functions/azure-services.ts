import { createCertificate } from "../identity/certificate.ts";
import { json, serve } from "../identity/server.ts";
import type { CloudServices, SentMessage } from "./sent-message.ts";

export interface AzureServices extends CloudServices {
  /** PEM of the authority that the queue service's certificate is signed by. */
  authority: string;
}

const TOKEN = "token of the managed identity";

/** The managed identity's endpoint of a function app, and a queue service over HTTPS that takes its tokens only. */
export async function startAzureServices(): Promise<AzureServices> {
  const certificate = createCertificate();
  const sent: SentMessage[] = [];
  const identity = await serve(({ url, headers }) =>
    headers["x-identity-header"] === "secret of this instance"
      ? json(200, {
          access_token: TOKEN,
          expires_on: String(Math.floor(Date.now() / 1000) + 3600),
          resource: url.searchParams.get("resource"),
          token_type: "Bearer",
        })
      : json(401, {}),
  );
  const queues = await serve(({ url, headers, body }) => {
    if (headers["authorization"] !== `Bearer ${TOKEN}`) return { status: 403, body: "" };
    const text = /<MessageText>([\s\S]*)<\/MessageText>/.exec(body)?.[1] ?? "";
    const delay = url.searchParams.get("visibilitytimeout");
    const message = {
      queue: url.pathname.split("/")[2] ?? "",
      body: unescapeXml(text),
      ...(delay === null ? {} : { delaySeconds: Number(delay) }),
    };
    if (services.refuse(message)) return { status: 403, body: "" };
    sent.push(message);
    return { status: 201, headers: { "content-type": "application/xml" }, body: receipt(sent.length) };
  }, certificate);
  const services: AzureServices = {
    sent,
    refuse: () => false,
    authority: certificate.cert,
    queueAddress: (name) => name,
    env: {
      // At an address without a name the account is the first part of the path.
      AzureWebJobsStorage__queueServiceUri: `${queues.url}/acme`,
      IDENTITY_ENDPOINT: `${identity.url}/msi/token`,
      IDENTITY_HEADER: "secret of this instance",
    },
    async close() {
      await identity.close();
      await queues.close();
    },
  };
  return services;
}

function unescapeXml(text: string): string {
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

function receipt(number: number): string {
  const time = "Sun, 22 Nov 2026 12:00:00 GMT";
  return `<?xml version="1.0" encoding="utf-8"?><QueueMessagesList><QueueMessage><MessageId>m-${number}</MessageId><InsertionTime>${time}</InsertionTime><ExpirationTime>${time}</ExpirationTime><PopReceipt>r</PopReceipt><TimeNextVisible>${time}</TimeNextVisible></QueueMessage></QueueMessagesList>`;
}
