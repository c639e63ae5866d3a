import { userInfo } from "node:os";

/** Who sits at the keyboard, for the record; a container's user often has no name. */
export function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return "somebody";
  }
}
