import type { Context, SQSBatchResponse } from "aws-lambda";
import { once } from "../../../core/once.ts";
import { jsonOrText } from "../../../core/platform-events.ts";
import type { EventHost, Platform, PlatformCall } from "../../../ports/platform.ts";
import { eventsOf, type QueuedMessage, queuedMessages } from "./events.ts";
import { createAwsPlatform, writeLine } from "./platform.ts";

/** What is left of a batch when less time than this remains is not begun: the queue delivers it again. */
const MARGIN_MS = 10_000;

type LambdaHandler = (event: unknown, context: Context) => Promise<SQSBatchResponse | undefined>;

/** A Lambda function for events. `load` brings everything heavy at the first call. */
export function lambdaEvents(functionName: string, load: (platform: Platform) => Promise<EventHost>): LambdaHandler {
  const open = once(() => load(createAwsPlatform()));
  return async (event, context) => {
    const host = await open();
    const call = callOf(context);
    const batch = queuedMessages(event);
    if (batch !== undefined)
      return handleBatch(batch, async (body) => handleAll(host, eventsOf(body, functionName), call), call);
    await handleAll(host, eventsOf(event, functionName), call);
    return undefined;
  };
}

/**
 * Lambda tries a whole batch again unless it is told which messages failed. Where all did, the call fails: the same messages come again, and
 * the platform counts an error, which it does not for a call that ends well.
 */
async function handleBatch(
  batch: readonly QueuedMessage[],
  handle: (body: unknown) => Promise<void>,
  { deadline }: PlatformCall,
): Promise<SQSBatchResponse> {
  const batchItemFailures: SQSBatchResponse["batchItemFailures"] = [];
  const errors: unknown[] = [];
  for (const [index, { messageId, body }] of batch.entries()) {
    const late = index > 0 && deadline.remainingMs() < MARGIN_MS;
    const failed =
      late ||
      (await handle(jsonOrText(body))
        .then(() => false)
        .catch((error: unknown) => errors.push(error) > 0));
    if (failed) batchItemFailures.push({ itemIdentifier: messageId });
  }
  if (batchItemFailures.length === batch.length) throw errors[0];
  return { batchItemFailures };
}

/** All of them, even if one fails; then Lambda repeats the call, which the others survive. */
async function handleAll(host: EventHost, events: readonly unknown[], call: PlatformCall): Promise<void> {
  const failures: unknown[] = [];
  for (const event of events) await host.handle(event, call).catch((error: unknown) => void failures.push(error));
  if (failures.length > 0) throw failures[0];
}

export function callOf(context: Context): PlatformCall {
  return {
    id: context.awsRequestId,
    deadline: { remainingMs: () => context.getRemainingTimeInMillis() },
    write: writeLine,
  };
}
