import type { Finding } from "../core/finding.ts";

/** What a notifier remembers between deliveries of one finding (Slack's channel and ts). */
export type DeliveryReceipt = Readonly<Record<string, string>>;

export type DeliveryResult =
  | { outcome: "delivered"; receipt: DeliveryReceipt }
  /** Try again, not before `afterMs`. Nothing was delivered. */
  | { outcome: "later"; afterMs: number; reason: string }
  /** Never try this message again. `disable`: the endpoint is gone for good (HTTP 410). */
  | { outcome: "rejected"; reason: string; disable?: boolean };

export interface Delivery {
  /** The same on every attempt. */
  id: string;
  finding: Finding;
  /** The receipt of an earlier revision of this finding, if any. */
  previous: DeliveryReceipt | undefined;
}

/** One way to tell people. Delivery is at least once; expected failures are answers, not exceptions. */
export interface Notifier {
  /** Unique among the configured notifiers: `slack`, `webhook:ops`. */
  readonly id: string;
  deliver(delivery: Delivery): Promise<DeliveryResult>;
}
