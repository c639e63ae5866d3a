import { OPEN } from "../../../clusters/enforcement/approvals/plan-records.ts";
import type { PlanChange, PlanRecord } from "../../../clusters/enforcement/approvals/types.ts";
import type { Json } from "../../../core/json.ts";
import type { Notice, NoticeMessage } from "../../../ports/notifier.ts";
import {
  ALL_BLOCKS_LENGTH,
  bold,
  context,
  FALLBACK_LENGTH,
  FIELD_LENGTH,
  fieldSections,
  HEADER_LENGTH,
  MOST_BLOCKS,
  plain,
  SECTION_LENGTH,
  slackText,
} from "../slack-message.ts";
import { planButtons } from "./plan-buttons.ts";
import { describePlan, type PlanText } from "./plan-text.ts";

/** What people are told about a plan in its present state, within Slack's limits whatever it holds; everything from outside is inert. */
export function planNotice(record: PlanRecord): Notice {
  const words = describePlan(record);
  const asks = OPEN.has(record.state) && record.plan.needs.mode !== "dry-run";
  const waits = asks && record.state !== "approved";
  const buttons = asks ? [planButtons(record.plan, { waits })] : [];
  const command = waits ? [context([commandText(record)], FIELD_LENGTH)] : [];
  return {
    key: `plan/${record.plan.hash}`,
    revision: record.revision,
    message: messageOf(words, [...command, ...buttons]),
    withoutButtons: messageOf(words, command),
    changes: record.changes
      .filter(({ text }) => text !== "proposed")
      .map((change) => ({ revision: change.revision, text: changeText(change) })),
  };
}

function commandText({ plan }: PlanRecord): string {
  return `By command line: genops enforce approve ${plan.hash} --token-file FILE`;
}

function changeText({ text }: PlanChange): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function messageOf(words: PlanText, end: readonly Json[]): NoticeMessage {
  const room = ALL_BLOCKS_LENGTH - JSON.stringify(end).length;
  let blocks = blocksOf(words, SECTION_LENGTH);
  for (const length of [1_500, 900, 500, 250, 100]) {
    if (JSON.stringify(blocks).length < room) break;
    blocks = blocksOf(words, length);
  }
  const text = slackText(`${words.headline}. ${words.status}`, FALLBACK_LENGTH);
  return { text, blocks: [...blocks.slice(0, MOST_BLOCKS - end.length), ...end] };
}

/** `length`: of each text that may be long. */
function blocksOf(words: PlanText, length: number): Json[] {
  return [
    { type: "header", text: plain(words.headline, HEADER_LENGTH) },
    { type: "section", text: plain(words.status, length) },
    ...words.why.map((text): Json => ({ type: "section", text: plain(text, Math.min(length, 600)) })),
    ...fieldSections(words.rows, Math.min(length, FIELD_LENGTH)),
    { type: "section", text: bold("What changes") },
    { type: "section", text: lines(stepLines(words), length) },
    ...(words.leftOut.length === 0 ? [] : titled("Left alone", words.leftOut, length)),
    ...(words.warnings.length === 0 ? [] : titled("Know this", words.warnings, length)),
    context(words.notes, Math.min(length, 300)),
  ];
}

function stepLines({ steps, moreSteps }: PlanText): string[] {
  const more = moreSteps === 0 ? [] : [`and ${moreSteps} more`];
  return steps.length === 0 ? ["nothing"] : [...steps.map((step) => `• ${step}`), ...more];
}

function titled(title: string, texts: readonly string[], length: number): Json[] {
  return [
    { type: "section", text: bold(title) },
    {
      type: "section",
      text: lines(
        texts.map((text) => `• ${text}`),
        length,
      ),
    },
  ];
}

/** Lines of untrusted text, each of its share of the room. */
function lines(texts: readonly string[], length: number): { type: "plain_text"; text: string; emoji: false } {
  const each = Math.floor(length / texts.length) - 1;
  return {
    type: "plain_text",
    text: texts.map((text) => slackText(text, Math.max(each, 12))).join("\n"),
    emoji: false,
  };
}
