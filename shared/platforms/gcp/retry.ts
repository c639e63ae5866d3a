import { GenOpsError, messageOf } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Randomness } from "../../ports/randomness.ts";

export interface RetryDeps {
  clock: Clock;
  randomness: Randomness;
}

const ATTEMPTS = 5;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 32_000;

/**
 * Calls again while `explain` says that the error may pass, with doubling waits (half of each is random, so that many functions do not
 * return together). What the last attempt says is thrown. The clients' own retries are switched off: they know no clock of ours.
 */
async function withRetries<T>(
  { clock, randomness }: RetryDeps,
  call: () => Promise<T>,
  explain: (error: unknown) => GenOpsError,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const explained = error instanceof GenOpsError ? error : explain(error);
      if (!explained.retryable || attempt === ATTEMPTS) throw explained;
      const wait = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS);
      await clock.sleep(wait * (0.5 + randomness.fraction() / 2));
    }
  }
}

/**
 * Calls through a client that is opened when it is first needed, with retries. A token may be revoked before it expires, and a client would
 * go on using it: after a 401 a new one is opened, once per call.
 */
export function createCaller<Client>(
  deps: RetryDeps,
  open: () => Promise<Client>,
  explain: (error: unknown) => GenOpsError,
): <T>(work: (client: Client) => Promise<T>) => Promise<T> {
  let opened: Promise<Client> | undefined;
  const client = () => {
    opened ??= open();
    return opened;
  };
  return (work) => {
    let renewed = false;
    const attempt = async () => {
      try {
        return await work(await client());
      } catch (error) {
        if (renewed || statusOf(error) !== 401) throw error;
        renewed = true;
        opened = undefined;
        return work(await client());
      }
    };
    return withRetries(deps, attempt, explain);
  };
}

/** HTTP status that an error of Google's clients carries (as `code`; of their token requests as `status`); 0 for a connection that broke. */
export function statusOf(error: unknown): number {
  if (typeof error !== "object" || error === null) return 0;
  const statuses: unknown[] = [Reflect.get(error, "code"), Reflect.get(error, "status")];
  return statuses.find((status) => typeof status === "number") ?? 0;
}

/** The libraries found no credentials; undefined for every other error. */
export function credentialsMissing(error: unknown): GenOpsError | undefined {
  if (!/could not load the default credentials/i.test(messageOf(error))) return undefined;
  return new GenOpsError(
    "config",
    "there are no Google credentials here: run with a service account of Google Cloud, set credentials.gcp, or sign in with gcloud auth application-default login",
    { cause: error },
  );
}
