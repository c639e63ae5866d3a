import * as z from "zod";
import { KubeFailure } from "./errors.ts";
import type { HttpAnswer } from "./http.ts";

/** What the API server says when something is not done; only what is read of it. */
const Status = z.object({
  message: z.string().optional(),
  reason: z.string().optional(),
  details: z
    .object({
      causes: z.array(z.object({ reason: z.string().optional(), field: z.string().optional() })).optional(),
      retryAfterSeconds: z.number().optional(),
    })
    .optional(),
});
export type Status = z.infer<typeof Status>;

/** The server's `Status`; empty for an answer that is none (a proxy's page). */
export function readStatus(answer: HttpAnswer): Status {
  try {
    return Status.safeParse(JSON.parse(answer.body)).data ?? {};
  } catch {
    return {};
  }
}

const MOST_TEXT = 500;

interface Asked {
  /** Takes tokens out of the server's words. */
  clean: (text: string) => string;
  write: boolean;
  needsObject: boolean;
}

/** An answer that is no success, as a failure with the server's words. */
export function failureOf(answer: HttpAnswer, { clean, write, needsObject }: Asked): KubeFailure {
  const { status } = answer;
  const said = readStatus(answer);
  const text = clean((said.message ?? answer.body).slice(0, MOST_TEXT)).trim();
  return new KubeFailure(text === "" ? "no reason was given" : text, {
    layer: status === 401 ? "401" : status === 403 ? "403" : "answer",
    status,
    ...reasonOf(status, said, needsObject),
    // 503 means that nothing was done; behind the others the store may have taken the write (a time limit, a lost leader).
    unknownOutcome: write && status >= 500 && status !== 503,
  });
}

/** A write that misses its object, or meets another one of its name, is a conflict, whatever the status. */
function reasonOf(status: number, { reason, details }: Status, needsObject: boolean): { reason?: string } {
  if (needsObject && status === 404) return { reason: "Gone" };
  const otherUid = details?.causes?.some(({ field }) => field === "metadata.uid") === true;
  if (status === 422 && otherUid) return { reason: "UidChanged" };
  return reason === undefined ? {} : { reason };
}
