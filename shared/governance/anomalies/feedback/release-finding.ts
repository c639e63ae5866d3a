import type { Finding } from "../../../core/finding.ts";
import { changeStored, type FindingDeps } from "../../findings/finding-store.ts";
import { changed } from "../../findings/next-finding.ts";
import type { Feedback } from "./types.ts";
import { resolutionOf } from "./words.ts";

/**
 * What closed the finding was taken back: it stays closed, but by nobody, so that the next evaluation opens it again if it is true. A finding
 * that somebody has handled otherwise since stays theirs. Gives back the finding as it stands; undefined when there is none, or, with
 * `onlyIfClosed`, when the feedback is not what keeps it closed.
 */
export async function releaseFinding(
  deps: FindingDeps,
  said: Feedback & Required<Pick<Feedback, "undone">>,
  { onlyIfClosed = false }: { onlyIfClosed?: boolean } = {},
): Promise<Finding | undefined> {
  const { before, after } = await changeStored(deps, said.finding, (current) => {
    if (current?.state !== "resolved" || current.resolution !== resolutionOf(said)) return undefined;
    const { actor: _, ...rest } = current;
    const resolution = `${resolutionOf(said)}; taken back by ${said.undone.by}`;
    return changed(rest, { resolution }, ["genops.finding.updated"], deps.clock.now());
  });
  return after ?? (onlyIfClosed ? undefined : before);
}
