import type { AlertsConfig } from "../../config/types.ts";
import type { CloudEvent } from "../../core/events.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/invocation.ts";
import type { ObjectStore } from "../../ports/object-store.ts";

/** A webhook's request before anything is known about its sender. */
export interface HookRequest {
  headers: Headers;
  query: Readonly<Record<string, string>>;
  /** The body as text, exactly as it was sent. */
  body: string;
}

/**
 * - `accepted`: verified and handed on. - `repeated`: was accepted before. - `confirmed`: a subscription was confirmed.
 * - `refused`: not from whom it should be; the log has the reason. - `malformed`: not what this sender sends.
 * - `unconfigured`: this hook has not been set up; `detail` says how.
 */
export interface HookAnswer {
  status: "accepted" | "repeated" | "confirmed" | "refused" | "malformed" | "unconfigured";
  detail: string;
}

/** One inbound webhook. Throws `unavailable` when a sender's keys cannot be fetched, so that the sender tries again. */
export type Hook = (request: HookRequest) => Promise<HookAnswer>;

export interface Hooks {
  sns: Hook;
  azureMonitor: Hook;
  pubsub: Hook;
  /** Clicks on buttons. */
  slack: Hook;
}

/** GET over HTTPS, without following redirects. */
export type HookFetch = (url: string, options: RequestInit) => Promise<Response>;

export interface HookDeps {
  config: AlertsConfig;
  /** `notifications.slack.signingSecret`. */
  slackSigningSecret?: string | undefined;
  /** `notifications.slack.team`. */
  slackTeams?: readonly string[] | undefined;
  /** Remembers message ids. */
  store: ObjectStore;
  clock: Pick<Clock, "now">;
  log: Pick<Log, "info" | "warn">;
  fetch: HookFetch;
  /** Takes a verified alert or decision; resolves when it cannot get lost any more. */
  publish(event: CloudEvent): Promise<void>;
}

/** What verifying a request found out. */
export type Verdict<Verified> = { ok: true; verified: Verified } | { ok: false; answer: HookAnswer };

export function refused(detail: string): { ok: false; answer: HookAnswer } {
  return { ok: false, answer: { status: "refused", detail } };
}
