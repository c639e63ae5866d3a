/** A tag or label set as delivered: keys and values keep their case (`reference/focus.md` X-5). */
export type Labels = Readonly<Record<string, string | number | boolean | null>>;
