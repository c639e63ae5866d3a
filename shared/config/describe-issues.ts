import type * as z from "zod";
import type { Path, Problem } from "./problems.ts";
import { pathKey, type Spot, type Spots } from "./yaml-document.ts";

type Issue = z.core.$ZodIssue;

/** Fields whose written text may be a secret itself. */
const CONFIDENTIAL = /^(token|webhook|url|apiUrl|secrets?|signingSecret|key)$/;

/** Zod's issues as sentences at their lines. Values appear as written in the file, before references are filled in, or not at all. */
export function describeIssues(issues: readonly Issue[], spots: Spots): Problem[] {
  return issues.flatMap((issue) => flatten(issue, [])).map((problem) => ({ ...problem, ...locate(problem, spots) }));
}

interface Flat {
  path: Path;
  message: string;
  /** The message is complete: what stands in the file is not added. */
  whole: boolean;
}

function flatten(issue: Issue, above: Path): Flat[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const messages = issue.message.split("\n");
    return issue.keys.map((key, index) => ({
      path: [...path, key],
      message: messages[index] ?? "unknown key",
      whole: true,
    }));
  }
  if (issue.code === "invalid_key" || issue.code === "invalid_element") {
    return [{ path, message: `${issue.issues[0]?.message ?? issue.message} as key`, whole: true }];
  }
  if (issue.code === "invalid_union") {
    const branch = issue.errors.find((errors) => errors.every((error) => !isWrongKind(error)));
    if (branch !== undefined && branch.length > 0) return branch.flatMap((inner) => flatten(inner, path));
  }
  return [{ path, message: issue.message, whole: issue.code === "custom" && !issue.message.startsWith("expected") }];
}

/** This branch of a union was not meant at all. */
function isWrongKind(error: Issue): boolean {
  return error.path.length === 0 && (error.code === "invalid_type" || error.code === "invalid_value");
}

function locate({ path, message, whole }: Flat, spots: Spots): Pick<Problem, "line" | "message"> {
  const spot = spots.get(pathKey(path));
  const line = spot?.line ?? nearest(path, spots)?.line;
  if (whole) return { line, message };
  if (spot === undefined) return { line, message: path.length === 0 ? message : `missing: ${message}` };
  const hint = message.indexOf("; did you mean");
  const end = hint < 0 ? message.length : hint;
  return { line, message: `${message.slice(0, end)}${found(spot, path)}${message.slice(end)}` };
}

function found({ written }: Spot, path: Path): string {
  if (written === undefined || path.some((part) => CONFIDENTIAL.test(String(part)))) return "";
  if (written.trim() === "") return ", found nothing";
  const shown = written.length > 60 ? `${written.slice(0, 60)}…` : written;
  return `, found ${JSON.stringify(shown)}`;
}

function nearest(path: Path, spots: Spots): Spot | undefined {
  for (let length = path.length - 1; length >= 0; length--) {
    const spot = spots.get(pathKey(path.slice(0, length)));
    if (spot !== undefined) return spot;
  }
  return undefined;
}
