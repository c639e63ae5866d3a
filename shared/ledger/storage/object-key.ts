import { GenOpsError } from "../../core/errors.ts";

/** Refuses what is no key of a lake (`shared/ports/object-store.ts`): the same ones in every store, so that a lake can be moved. */
export function assertObjectKey(key: string): void {
  const bad = (part: string) => part === "" || part === "." || part === ".." || /[~\\]/.test(part);
  if (key.split("/").some(bad)) throw new GenOpsError("internal", `not an object key: ${JSON.stringify(key)}`);
}
