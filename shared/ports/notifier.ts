import type { Finding } from "../core/finding.ts";
import type { Json } from "../core/json.ts";

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

/** A message as blocks of Slack's Block Kit, and as a text for notifications. */
export interface NoticeMessage {
  text: string;
  blocks: readonly Json[];
}

/** News about something that lives on and is told in one place (a plan of enforcement), already in words. */
export interface Notice {
  /** What it is about: `plan/<hash>`. */
  key: string;
  /** Counts its changes from 1 on. */
  revision: number;
  /** Where clicks can be received. */
  message: NoticeMessage;
  /** Where they cannot. */
  withoutButtons: NoticeMessage;
  /** What happened, the newest last; a reply tells those that were not told. */
  changes: readonly { revision: number; text: string }[];
}

export interface NoticeDelivery {
  /** The same on every attempt. */
  id: string;
  notice: Notice;
  /** The receipt of an earlier revision of this notice, if any. */
  previous: DeliveryReceipt | undefined;
}

/** A notifier that tells notices, too. */
export interface NoticeTeller extends Notifier {
  deliverNotice(delivery: NoticeDelivery): Promise<DeliveryResult>;
}
