import { sign } from "node:crypto";
import type { AlertsConfig } from "../../../../shared/config/types.ts";
import type { CloudEvent } from "../../../../shared/core/events.ts";
import { createHookKeys, createHooks } from "../../../../shared/interfaces/hooks/hooks.ts";
import { type SnsEnvelope, stringToSign } from "../../../../shared/interfaces/hooks/sns-envelope.ts";
import type { HookFetch, HookRequest, Hooks } from "../../../../shared/interfaces/hooks/types.ts";
import { createFakeClock, type FakeClock } from "../../../support/fake-clock.ts";
import type { TestSigner } from "../../../support/self-signed.ts";
import { memoryStore } from "../../governance/support.ts";

export const NOW = "2026-11-22T06:00:00.000Z";
export const TOPIC = "arn:aws:sns:us-east-1:111122223333:budgets";
export const CERTIFICATE_URL = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0.pem";
export const SUBSCRIBE_URL = `https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=t`;

export const NO_ALERTS: AlertsConfig = {
  sns: { topics: [], maxAgeMinutes: 60 },
  azureMonitor: { authority: "https://login.microsoftonline.com" },
  pubsub: { subscriptions: [] },
};

export interface HookHouse {
  hooks: Hooks;
  published: CloudEvent[];
  warnings: string[];
  clock: FakeClock;
  store: ReturnType<typeof memoryStore>;
}

export function hookHouse(config: Partial<AlertsConfig>, fetch: HookFetch, publish?: () => Promise<void>): HookHouse {
  const published: CloudEvent[] = [];
  const warnings: string[] = [];
  const clock = createFakeClock(NOW);
  const store = memoryStore();
  const hooks = createHooks(
    {
      config: { ...NO_ALERTS, ...config },
      store,
      clock,
      fetch,
      log: { info: () => {}, warn: (message) => warnings.push(message) },
      publish: async (event) => {
        await publish?.();
        published.push(event);
      },
    },
    createHookKeys(),
  );
  return { hooks, published, warnings, clock, store };
}

export function requestOf(
  body: string,
  headers: Record<string, string> = {},
  query: Record<string, string> = {},
): HookRequest {
  return { body, headers: new Headers(headers), query };
}

/** An SNS message, signed as SNS signs. `after` changes it behind the signer's back. */
export function snsBody(
  signer: TestSigner,
  fields: Partial<SnsEnvelope> = {},
  after: Readonly<Record<string, unknown>> = {},
): string {
  const envelope: SnsEnvelope = {
    Type: "Notification",
    MessageId: "m-1",
    TopicArn: TOPIC,
    Message: "hello",
    Timestamp: NOW,
    SignatureVersion: "2",
    Signature: "",
    SigningCertURL: CERTIFICATE_URL,
    ...fields,
  };
  const digest = envelope.SignatureVersion === "1" ? "RSA-SHA1" : "RSA-SHA256";
  const signature = sign(digest, Buffer.from(stringToSign(envelope)), signer.privateKey).toString("base64");
  return JSON.stringify({ ...envelope, Signature: signature, ...after });
}
