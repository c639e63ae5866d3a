import { json, serve } from "../identity/server.ts";
import type { CloudServices, SentMessage } from "./sent-message.ts";

/** Pub/Sub's `publish`, as at its emulator. */
export async function startGcpServices(): Promise<CloudServices> {
  const sent: SentMessage[] = [];
  const server = await serve(({ url, body }) => {
    const topic = /\/v1\/projects\/[^/]+\/topics\/([^/:]+):publish$/.exec(url.pathname)?.[1];
    if (topic === undefined) return json(404, {});
    const { messages } = JSON.parse(body) as { messages: { data: string }[] };
    const published = messages.map(({ data }) => ({
      queue: topic,
      body: Buffer.from(data, "base64").toString("utf8"),
    }));
    if (published.some((message) => services.refuse(message))) return json(403, {});
    sent.push(...published);
    return json(200, { messageIds: messages.map((_, index) => String(sent.length + index)) });
  });
  const services: CloudServices = {
    sent,
    refuse: () => false,
    queueAddress: (name) => `projects/genops-test/topics/${name}`,
    env: { PUBSUB_EMULATOR_HOST: server.url.replace("http://", "") },
    close: server.close,
  };
  return services;
}
