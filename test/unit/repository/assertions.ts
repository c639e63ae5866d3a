import { posix } from "node:path";

/** Reads a file of the repository; undefined where there is none. */
export type ReadFile = (path: string) => string | undefined;

const EXPECTS = /\bexpect(TypeOf)?[(.]/;
const TESTS = /\bit(\.each|\.for)?\(/;
const IMPORT = /^(?:import|export)\s+(?!type\b)(?:\{([^}]*)\}|\*)?[^"';]*?"(\.{1,2}\/[^"]+\.ts)"/gm;

/**
 * Does a test file assert something? Its own `expect` counts, or a suite that it hands the work to: it calls a function that it imports from
 * a module that exports this function and, alone or with the modules it imports in turn below its own folder, has both tests and
 * expectations. An import that is not called, and a helper that only expects, do not count.
 */
export function asserts(path: string, read: ReadFile): boolean {
  const text = withoutComments(read(path) ?? "");
  return EXPECTS.test(text) || importsOf(path, text).some((each) => isCalledSuite(each, text, read));
}

interface Import {
  from: string;
  names: string[];
}

function importsOf(path: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(([, names = "", from = ""]) => ({
    from: posix.normalize(posix.join(posix.dirname(path), from)),
    names: names
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "" && !name.startsWith("type ")),
  }));
}

function isCalledSuite({ from, names }: Import, text: string, read: ReadFile): boolean {
  const exported = read(from) ?? "";
  const called = names.some((name) => {
    const [original = "", local = original] = name.split(/\s+as\s+/);
    return new RegExp(`\\bfunction ${original}\\b`).test(exported) && new RegExp(`\\b${local}\\(`).test(text);
  });
  if (!called) return false;
  const suite = [...reachable(from, posix.dirname(from), read, new Set())].map((each) =>
    withoutComments(read(each) ?? ""),
  );
  return suite.some((each) => TESTS.test(each) && EXPECTS.test(each));
}

/** The module and what it imports, as long as it lies in the suite's folder. */
function reachable(path: string, folder: string, read: ReadFile, seen: Set<string>): Set<string> {
  if (seen.has(path) || !path.startsWith(`${folder}/`)) return seen;
  seen.add(path);
  for (const { from } of importsOf(path, read(path) ?? "")) reachable(from, folder, read, seen);
  return seen;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}
