import * as z from "zod";
import { messageOf } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Look, Thresholds } from "./targets.ts";

/** The guide's `multicloud:` as far as health goes; the rest belongs to others. */
const Threshold = z.int().min(1).optional().catch(undefined);
const Failover = z.object({
  healthThreshold: Threshold,
  healthCheck: z.object({ failureThreshold: Threshold, successThreshold: Threshold }).optional().catch(undefined),
});
const Place = z.object({ endpoint: z.url({ protocol: /^https?$/ }), provider: z.string().optional() });

export interface Endpoint {
  name: string;
  url: string;
}

/** Endpoints of the guide's `multicloud:`, wherever in it they stand: `aws`, `azure`, `primary`, `backup`. */
export function endpointsOf(multicloud: unknown): Endpoint[] {
  const found = new Map<string, string>();
  const visit = (name: string, value: unknown): void => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    const place = Place.safeParse(value);
    if (place.success && Reflect.get(value, "enabled") !== false) found.set(name, place.data.endpoint);
    for (const [key, inner] of Object.entries(value)) visit(key, inner);
  };
  visit("multicloud", multicloud);
  return [...found].map(([name, url]) => ({ name, url }));
}

/** The guide's thresholds: three failures in a row are a failure, two successes a recovery. */
export function thresholdsOf(multicloud: unknown): Thresholds {
  const failover = typeof multicloud === "object" && multicloud !== null ? Reflect.get(multicloud, "failover") : {};
  const { healthThreshold, healthCheck } = Failover.safeParse(failover).data ?? {};
  return {
    failures: healthCheck?.failureThreshold ?? healthThreshold ?? 3,
    successes: healthCheck?.successThreshold ?? 2,
  };
}

const TIMEOUT_MS = 5_000;

/** GET `<endpoint>/health`: up when it answers 2xx within 5 s (the guide's timeout). */
export async function lookAtEndpoint({ name, url }: Endpoint, clock: Pick<Clock, "now">): Promise<Look> {
  const started = clock.now().getTime();
  const address = `${url.replace(/\/+$/, "")}/health`;
  try {
    const answer = await fetch(address, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    await answer.body?.cancel();
    const latencyMs = clock.now().getTime() - started;
    return {
      kind: "endpoint",
      name,
      seen: answer.ok ? "up" : "down",
      detail: `${address}: ${answer.status}`,
      latencyMs,
    };
  } catch (error) {
    const { cause } = error instanceof Error ? error : { cause: undefined };
    return { kind: "endpoint", name, seen: "down", detail: `${address}: ${messageOf(cause ?? error)}` };
  }
}
