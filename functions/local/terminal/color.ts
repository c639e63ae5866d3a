const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;

export type Color = keyof typeof CODES;

/** The text in a colour, or as it is when colours are not wanted. Give it escaped text. */
export function paint(text: string, color: Color | undefined, wanted: boolean): string {
  return wanted && color !== undefined && text !== "" ? `\u001b[${CODES[color]}m${text}\u001b[0m` : text;
}
