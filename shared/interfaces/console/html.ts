declare const htmlBrand: unique symbol;
/** Markup that is safe to send: made by `html` only. */
export type Html = string & { readonly [htmlBrand]: true };

type Part = Html | readonly Html[] | Text | number | undefined;
/** Untrusted text, to be escaped. */
interface Text {
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
/** Controls, bidi marks, overrides and isolates, invisible formats; not the joiners that scripts and emoji are written with. */
const INVISIBLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Any text, for element content and quoted attributes. Characters that nobody sees or that turn a line around become `�`. */
export function t(text: string): Text {
  return { text };
}

/** The escaped text itself. */
export function escapeHtml(text: string): string {
  return text.replace(INVISIBLE, "\ufffd").replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Markup from a template: literal parts stand as written, values are numbers, other markup, or text through `t()`. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return literals.reduce((whole, literal, index) => whole + render(parts[index - 1]) + literal) as Html;
}

function render(part: Part): string {
  if (part === undefined) return "";
  if (typeof part === "string") return part;
  if (typeof part === "number") return String(Math.round(part * 100) / 100);
  if ("text" in part) return escapeHtml(part.text);
  return part.join("");
}
