/** TypeScript with its comments blanked out, lines kept. Strings and template texts stay. */
export function withoutComments(source: string): string {
  return source.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (match, text: string | undefined) => text ?? match.replace(/[^\n]/g, " "),
  );
}

/** The strings and template texts of TypeScript code; everything else is blanked out, lines kept. */
export function stringsOnly(source: string): string {
  let rest = 0;
  let result = "";
  const code = withoutComments(source);
  for (const match of code.matchAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`/g)) {
    result += code.slice(rest, match.index).replace(/[^\n]/g, " ") + match[0];
    rest = match.index + match[0].length;
  }
  return result;
}

/** SQL with its comments and text literals blanked out, lines kept. */
export function withoutSqlComments(sql: string): string {
  return sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/g, (match) => match.replace(/[^\n]/g, " "));
}
