/** C0 and C1 controls and the line and paragraph separators: become a space. */
const CONTROLS = /[\p{Cc}\u2028\u2029]/gu;

/**
 * Bidirectional overrides and marks, zero-width spaces, byte-order marks and tag characters: vanish. Joiners stay, some
 * scripts are wrong without them.
 */
const INVISIBLE = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** Longer texts are cut before they are looked at: a tag value may have 200,000 characters. */
const LONGEST = 20_000;

/**
 * Untrusted text on one line without invisible or control characters; white space is collapsed, lone surrogates become
 * U+FFFD.
 */
export function cleanText(text: string): string {
  return text
    .slice(0, LONGEST)
    .toWellFormed()
    .replace(CONTROLS, " ")
    .replace(INVISIBLE, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** At most `limit` UTF-16 units, the last one an ellipsis where something was cut; never half a character. */
export function cutText(text: string, limit: number): string {
  return text.length <= limit ? text : encodeWithin(text, limit, (character) => character);
}

/**
 * `text` with every character encoded, at most `limit` UTF-16 units long. Where something is cut, the last unit is an
 * ellipsis; an encoded character (`&amp;`) is never cut in half.
 */
export function encodeWithin(text: string, limit: number, encode: (character: string) => string): string {
  let result = "";
  let cut = "";
  for (const character of text) {
    result += encode(character);
    if (result.length <= limit - 1) cut = result;
    if (result.length > limit) return `${cut}…`;
  }
  return result;
}
