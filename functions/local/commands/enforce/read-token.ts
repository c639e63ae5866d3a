import { readFile } from "node:fs/promises";
import { GenOpsError, messageOf } from "../../../../shared/core/errors.ts";

/** A person's OIDC token; `-` reads it from stdin. Throws `usage`. */
export async function readToken(file: string): Promise<string> {
  try {
    return await readFile(file === "-" ? "/dev/stdin" : file, "utf8");
  } catch (error) {
    throw new GenOpsError("usage", `the token cannot be read: ${messageOf(error)}`, { place: { file } });
  }
}
