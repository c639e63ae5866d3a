import { describePlace, GenOpsError, type Place } from "../core/errors.ts";

export type Path = readonly PropertyKey[];

/** Something wrong in the configuration. Its message never holds the value of a secret. */
export interface Problem {
  message: string;
  path: Path;
  /** 1-based; undefined where the file as a whole is meant. */
  line: number | undefined;
}

/** Collects what is wrong, so that a person sees all of it at once. */
export interface Problems {
  /** A second problem of the same field is kept out: it follows from the first. */
  add(problem: Problem): void;
  /** Throws one `config` error about everything collected: one problem per line, the first one in `place`. */
  throwIfAny(): void;
}

export function createProblems(fileName: string): Problems {
  const found: Problem[] = [];
  return {
    add(problem) {
      const known = problem.path.length > 0 && found.some((other) => samePlace(other, problem));
      if (!known) found.push(problem);
    },
    throwIfAny() {
      const [first, ...others] = found.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
      if (first === undefined) return;
      const place = placeOf(first, fileName);
      if (others.length === 0) throw new GenOpsError("config", first.message, { place });
      const lines = [first, ...others].map((each) => `${each.message}${describePlace(placeOf(each, fileName))}`);
      throw new GenOpsError("config", `${lines.join("\n")}\n${lines.length} problems, the first one`, { place });
    },
  };
}

function samePlace(a: Problem, b: Problem): boolean {
  return a.line === b.line && fieldName(a.path) === fieldName(b.path);
}

function placeOf(problem: Problem, fileName: string): Place {
  return {
    file: fileName,
    ...(problem.line === undefined ? {} : { line: problem.line }),
    ...(problem.path.length === 0 ? {} : { field: fieldName(problem.path) }),
  };
}

/** `sources[0].location`, `allocation.accounts["a.b"].team` */
export function fieldName(path: Path): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === "number") return `${name}[${part}]`;
    const key = String(part);
    if (!/^[\w-]+$/.test(key)) return `${name}[${JSON.stringify(key)}]`;
    return name === "" ? key : `${name}.${key}`;
  }, "");
}
