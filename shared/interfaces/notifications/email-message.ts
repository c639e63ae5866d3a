import { createHash } from "node:crypto";
import type { Finding } from "../../core/finding.ts";
import { cleanText, cutText } from "./clean-text.ts";
import { describeFinding, type FindingText, type TextRow } from "./finding-text.ts";

export interface EmailMessage {
  /** One line. */
  subject: string;
  text: string;
  html: string;
}

const SUBJECT_LENGTH = 150;
const VALUE_LENGTH = 2_000;

/** The mail for a finding: the same words as plain text and as simple HTML, in which everything is escaped. */
export function emailMessage(finding: Finding): EmailMessage {
  const words = describeFinding(finding);
  return {
    // Without the state: mail programs group a thread by its subject.
    subject: cutText(`[GenOps] ${words.title}`, SUBJECT_LENGTH),
    text: plainTextOf(words),
    html: htmlOf(words),
  };
}

/** One message as text: what an e-mail says, and what the terminal shows where no channel is configured. */
export function plainTextOf(words: FindingText): string {
  const lines = [`${words.status}: ${words.title}`, "", ...words.rows.map(line)];
  if (words.contributors.length > 0)
    lines.push("", "Largest contributors", ...words.contributors.map((row) => `  ${line(row)}`));
  if (words.moreContributors > 0) lines.push(`  and ${words.moreContributors} more`);
  if (words.wanted.length > 0)
    lines.push("", "Wanted", ...words.wanted.map((wanted) => `  ${cutText(wanted, VALUE_LENGTH)}`));
  if (words.waitsFor !== "") lines.push("", `Waits for: ${cutText(words.waitsFor, VALUE_LENGTH)}`);
  if (words.hint !== "") lines.push("", `Was it expected? ${cutText(words.hint, VALUE_LENGTH)}`);
  return [...lines, "", cutText(words.notes.join(" · "), VALUE_LENGTH), ""].join("\n");
}

function line({ label, value }: TextRow): string {
  return `${cutText(label, VALUE_LENGTH)}: ${cutText(value, VALUE_LENGTH)}`;
}

function htmlOf(words: FindingText): string {
  const parts = [`<h2>${html(`${words.symbol} ${words.status}: ${words.title}`)}</h2>`, table(words.rows)];
  if (words.contributors.length > 0) parts.push("<h3>Largest contributors</h3>", table(words.contributors));
  if (words.moreContributors > 0) parts.push(`<p>and ${words.moreContributors} more</p>`);
  if (words.wanted.length > 0) parts.push("<h3>Wanted</h3>", ...words.wanted.map((wanted) => `<p>${html(wanted)}</p>`));
  if (words.waitsFor !== "") parts.push("<h3>Waits for</h3>", `<p>${html(words.waitsFor)}</p>`);
  if (words.hint !== "") parts.push("<h3>Was it expected?</h3>", `<p><code>${html(words.hint)}</code></p>`);
  parts.push(`<p><small>${html(words.notes.join(" · "))}</small></p>`);
  return `<!doctype html>\n<html><head><meta charset="utf-8"></head><body>\n${parts.join("\n")}\n</body></html>\n`;
}

function table(rows: readonly TextRow[]): string {
  const lines = rows.map(({ label, value }) => `<tr><th align="left">${html(label)}</th><td>${html(value)}</td></tr>`);
  return `<table cellpadding="4">\n${lines.join("\n")}\n</table>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function html(text: string): string {
  return cutText(cleanText(text), VALUE_LENGTH).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/**
 * `<genops.1f…@example.com>`: the same for every attempt. The first mail of a finding has no revision in it, the others
 * answer it.
 */
export function emailMessageId(findingKey: string, revision: number | undefined, from: string): string {
  const domain = /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? "genops.invalid";
  const hash = createHash("sha256").update(findingKey).digest("hex").slice(0, 32);
  return `<genops.${hash}${revision === undefined ? "" : `.${revision}`}@${domain}>`;
}

/** Whether a recipient is a plain e-mail address, without anything that could mean a second one or another header. */
export function isEmailAddress(text: string): boolean {
  return (
    text.length <= 254 && /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text)
  );
}
