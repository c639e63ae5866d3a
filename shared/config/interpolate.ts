import type { Secrets } from "../ports/secrets.ts";

const REFERENCE = /\$\{(env|secret):([^}]*)(\}?)/g;
const NAME = /^[A-Za-z_][\w./-]*$/;

/** A text with its references filled in, or what is wrong with them. Never says a value. */
export type Interpolated = { text: string } | { problem: string };

/** Fills in `${env:NAME}` and `${secret:NAME}`, anywhere in a value and any number of times. What is filled in is not read again. */
export function interpolate(text: string, secrets: Secrets): Interpolated {
  const problems: string[] = [];
  const filled = text.replace(REFERENCE, (_, kind: "env" | "secret", name: string, end: string) => {
    if (end === "" || !NAME.test(name)) {
      problems.push(`expected \${${kind}:NAME} with a name of letters, digits and _ . / -`);
      return "";
    }
    const value = secrets.read(kind, name);
    if (value === undefined) {
      problems.push(kind === "env" ? `environment variable ${name} is not set` : `secret ${name} is not known`);
    }
    return value ?? "";
  });
  const [problem] = problems;
  return problem === undefined ? { text: filled } : { problem };
}
