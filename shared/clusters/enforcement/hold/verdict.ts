import type { KubeObject } from "../../connections/types.ts";
import type { Hold, HoldLayer, Intent } from "../types.ts";
import type { Values } from "./hold.ts";
import type { Facts } from "./wanted.ts";

/** What was seen of an object, and of the write that was sent last. */
export interface Look {
  live: KubeObject | undefined;
  now: string;
  /** For the next intent, if one is needed. */
  id: string;
  facts: Facts;
  /** The server's words for not doing it, or why it was not sent at all. Both mean: it will surely not take effect. */
  event?: { refused: string } | { notSent: string };
}

/**
 * A write that the decision asks for, under its hold's intent. `isFirst`: nothing that was announced before it may still arrive, so if it is not
 * sent, nothing will happen.
 */
export type Send = { live: KubeObject; resourceVersion: string; isFirst: boolean } & (
  | { kind: "patch"; values: Values }
  | { kind: "scale"; replicas: number }
);

/** How a layer ended. `outcome` in words, as in `ClosedWork`. */
export interface Ended {
  layer: HoldLayer;
  kind: "restored" | "kept" | "gone" | "failed" | "taken" | "not-sent";
  outcome: string;
}

/** What people should hear of. */
export interface Notice {
  kind: "overridden" | "contested" | "reverted" | "kept" | "failed" | "waiting";
  subject: string;
  text: string;
  /** What would help: the Argo CD or Flux snippet. */
  hint?: string;
  steps: readonly string[];
}

export interface Verdict {
  /** Undefined: nothing of it is held any more. */
  hold: Hold | undefined;
  ended: readonly Ended[];
  notices: readonly Notice[];
  send?: Send;
  /** Look at it again then, at the latest: milliseconds from now. */
  againMs?: number;
}

/** One hold under consideration. */
export interface Work {
  hold: Hold;
  readonly live: KubeObject;
  readonly look: Look;
  /** Announced, not seen, and may still take effect: the object has the version that it was decided on. */
  outstanding: Intent | undefined;
  /** Our values had been there since the last revert that was counted. */
  readonly fresh: boolean;
  /** False after a refusal: nothing more is sent in this round. */
  mayWrite: boolean;
  readonly ended: Ended[];
  readonly notices: Notice[];
}
