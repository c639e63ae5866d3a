import type { Finding } from "../../core/finding.ts";
import { cleanText, encodeWithin } from "./clean-text.ts";
import { describeFinding, type FindingText, type TextRow } from "./finding-text.ts";

/** Limits of Block Kit; the sum of all blocks is undocumented, messages of about 13,200 characters are refused. */
export const HEADER_LENGTH = 150;
export const SECTION_LENGTH = 3_000;
export const FIELD_LENGTH = 2_000;
const FIELDS_PER_SECTION = 10;
const CONTEXT_ELEMENTS = 10;
export const MOST_BLOCKS = 50;
export const ALL_BLOCKS_LENGTH = 12_000;
export const FALLBACK_LENGTH = 1_000;

/**
 * Text that Slack shows as it is: no formatting, no mentions, no links, no `:emoji:`. Whatever comes from outside is
 * one of these.
 */
export type PlainText = {
  type: "plain_text";
  text: string;
  emoji: false;
};

/** Our own words in bold; `verbatim` keeps Slack from turning anything into a link or a mention. */
export type BoldText = {
  type: "mrkdwn";
  text: `*${string}*`;
  verbatim: true;
};

export type SlackBlock =
  | { type: "header"; text: PlainText }
  | { type: "section"; text: PlainText | BoldText; fields?: (PlainText | BoldText)[] }
  | { type: "section"; fields: (PlainText | BoldText)[] }
  | { type: "context"; elements: PlainText[] };

export interface SlackMessage {
  /** What notifications show. */
  text: string;
  blocks: SlackBlock[];
}

/** The message for a finding, within Slack's limits whatever the finding holds; everything untrusted is inert. */
export function slackMessage(finding: Finding): SlackMessage {
  const words = describeFinding(finding);
  const text = slackText(`${words.symbol} ${words.status}: ${words.title} (${words.summary})`, FALLBACK_LENGTH);
  let blocks = blocksOf(words, SECTION_LENGTH);
  for (const valueLength of [1_000, 300, 120, 50]) {
    if (JSON.stringify(blocks).length < ALL_BLOCKS_LENGTH) break;
    blocks = blocksOf(words, valueLength);
  }
  return { text, blocks };
}

/** The short reply in the thread of a finding whose state changed. */
export function slackReply(finding: Finding, news: "reopened" | "raised" | "resolved"): string {
  const words = describeFinding(finding);
  switch (news) {
    case "resolved":
      return slackText(`✅ Resolved: ${finding.resolution ?? "no longer true"} (${words.summary})`, FALLBACK_LENGTH);
    case "reopened":
      return slackText(`${words.symbol} Open again: ${words.summary}`, FALLBACK_LENGTH);
    case "raised":
      return slackText(`${words.symbol} Now ${words.status.toLowerCase()}: ${words.summary}`, FALLBACK_LENGTH);
  }
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Cleaned, escaped and cut to `limit` characters; never empty, which Slack refuses. */
export function slackText(text: string, limit: number): string {
  return encodeWithin(cleanText(text), limit, (character) => ESCAPES[character] ?? character) || "–";
}

/** Whatever comes from outside: inert. */
export function plain(text: string, limit: number): PlainText {
  return { type: "plain_text", text: slackText(text, limit), emoji: false };
}

/** Only for words of ours. */
export function bold(label: string): BoldText {
  return { type: "mrkdwn", text: `*${label}*`, verbatim: true };
}

function blocksOf(words: FindingText, valueLength: number): SlackBlock[] {
  const fieldLength = Math.min(valueLength, FIELD_LENGTH);
  const headline = `${words.symbol} ${words.status}: ${words.title}`;
  const header: SlackBlock = { type: "header", text: plain(headline, HEADER_LENGTH) };
  const blocks: SlackBlock[] = [header];
  if (slackText(headline, SECTION_LENGTH).length > HEADER_LENGTH) {
    blocks.push({ type: "section", text: plain(words.title, valueLength) });
  }
  blocks.push(...fieldSections(words.rows, fieldLength));
  if (words.contributors.length > 0) {
    blocks.push({ type: "section", text: bold("Largest contributors") });
    blocks.push(...fieldSections(words.contributors, fieldLength));
    if (words.moreContributors > 0) blocks.push(context([`and ${words.moreContributors} more`], fieldLength));
  }
  if (words.wanted.length > 0) blocks.push(...paragraph("Wanted", words.wanted.join(" · "), valueLength));
  if (words.waitsFor !== "") blocks.push(...paragraph("Waits for", words.waitsFor, valueLength));
  if (words.hint !== "") blocks.push(...paragraph("Was it expected?", words.hint, valueLength));
  return [...blocks.slice(0, MOST_BLOCKS - 1), context(words.notes, fieldLength)];
}

/** Labels and values side by side, as many sections as they need. */
export function fieldSections(rows: readonly TextRow[], limit: number): SlackBlock[] {
  const fields = rows.flatMap((row) => [
    row.fixed ? bold(row.label) : plain(row.label, limit),
    plain(row.value, limit),
  ]);
  const sections: SlackBlock[] = [];
  for (let start = 0; start < fields.length; start += FIELDS_PER_SECTION) {
    sections.push({ type: "section", fields: fields.slice(start, start + FIELDS_PER_SECTION) });
  }
  return sections;
}

export function paragraph(label: string, text: string, limit: number): SlackBlock[] {
  return [
    { type: "section", text: bold(label) },
    { type: "section", text: plain(text, limit) },
  ];
}

export function context(texts: readonly string[], limit: number): SlackBlock {
  return { type: "context", elements: texts.slice(0, CONTEXT_ELEMENTS).map((text) => plain(text, limit)) };
}
