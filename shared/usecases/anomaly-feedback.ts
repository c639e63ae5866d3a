import {
  type FeedbackGiven,
  type FeedbackInput,
  giveFeedback,
} from "../governance/anomalies/feedback/give-feedback.ts";
import { type FeedbackUndone, undoFeedback } from "../governance/anomalies/feedback/undo-feedback.ts";
import { findKey } from "../governance/findings/find-key.ts";
import type { Runtime } from "./runtime.ts";
import { tellFindings } from "./tell-findings.ts";

/** A person says what an anomaly was, wherever they say it; whoever was told about it is told. `key` may be the short one of tables. */
export async function sayAboutAnomaly(runtime: Runtime, input: FeedbackInput): Promise<FeedbackGiven> {
  const { lake: store, clock, events } = runtime;
  const key = await findKey({ store }, input.key);
  const given = await giveFeedback({ store, clock, events }, { ...input, key });
  await tellFindings(runtime, [given.finding]);
  return given;
}

/** Takes it back. */
export async function unsayAboutAnomaly(
  runtime: Runtime,
  input: { which: string; actor: string },
): Promise<FeedbackUndone> {
  const { lake: store, clock, events } = runtime;
  return undoFeedback({ store, clock, events }, input);
}
