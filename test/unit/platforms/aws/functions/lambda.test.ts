import type { Context } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { lambdaEvents } from "../../../../../shared/platforms/aws/functions/lambda.ts";
import type { EventHost, PlatformCall } from "../../../../../shared/ports/platform.ts";
import { s3Created, sqsBatch } from "../../../../support/functions/aws-events.ts";

/** Handles what is not named "bad". */
function hostOf(handled: unknown[], seen: (call: PlatformCall) => void = () => {}): EventHost {
  return {
    async handle(event, call) {
      seen(call);
      if (JSON.stringify(event).includes("bad")) throw new Error("bad");
      handled.push(event);
    },
  };
}

function contextWith(remainingMs: () => number): Context {
  const context: Pick<Context, "awsRequestId" | "getRemainingTimeInMillis"> = {
    awsRequestId: "r-1",
    getRemainingTimeInMillis: remainingMs,
  };
  return context as Context;
}

const CONTEXT = contextWith(() => 60_000);
/** Without the name and the time of an event around it. */
const S3 = { bucket: { name: "bill" }, object: { key: "x-Manifest.json", sequencer: "0" } };

describe("a Lambda function for events", () => {
  it("reports which messages of a batch failed, and handles the others", async () => {
    const handled: unknown[] = [];
    const handler = lambdaEvents("collect", () => Promise.resolve(hostOf(handled)));
    const batch = sqsBatch([
      { id: "a", body: '{"n":1}' },
      { id: "b", body: '{"n":"bad"}' },
      { id: "c", body: "no json" },
    ]);
    expect(await handler(batch, CONTEXT)).toEqual({ batchItemFailures: [{ itemIdentifier: "b" }] });
    expect(handled).toEqual([{ n: 1 }, "no json"]);
  });

  it("fails when no message of a batch could be handled, for a call that ends well is counted as one", async () => {
    const handler = lambdaEvents("collect", () => Promise.resolve(hostOf([])));
    const batch = sqsBatch([{ id: "a", body: '{"n":"bad"}' }]);
    await expect(handler(batch, CONTEXT)).rejects.toThrow("bad");
  });

  it("hands on what cannot be understood as it is, to be refused, and does not take the others of the batch along", async () => {
    const handled: unknown[] = [];
    const handler = lambdaEvents("evaluate", () => Promise.resolve(hostOf(handled)));
    const [odd, other] = [s3Created("bill", "100%-Manifest.json"), { Records: [{ eventSource: "aws:s3", s3: S3 }] }];
    const batch = sqsBatch([
      { id: "a", body: JSON.stringify(odd) },
      { id: "b", body: JSON.stringify(other) },
      { id: "c", body: '{"n":1}' },
    ]);
    expect(await handler(batch, CONTEXT)).toEqual({ batchItemFailures: [] });
    expect(handled).toMatchObject([{ eventSource: "aws:s3" }, { eventSource: "aws:s3" }, { n: 1 }]);
  });

  it("leaves the rest of a batch to the next delivery when time runs out, but always does something", async () => {
    const handled: unknown[] = [];
    let remaining = 5_000;
    const host = hostOf(handled, () => (remaining -= 1_000));
    const handler = lambdaEvents("collect", () => Promise.resolve(host));
    const batch = sqsBatch([
      { id: "a", body: '{"n":1}' },
      { id: "b", body: '{"n":2}' },
    ]);
    expect(
      await handler(
        batch,
        contextWith(() => remaining),
      ),
    ).toEqual({ batchItemFailures: [{ itemIdentifier: "b" }] });
    expect(handled).toEqual([{ n: 1 }]);
  });

  it("fails as a whole where nothing is queued, after it has handled what it could", async () => {
    const handled: unknown[] = [];
    const handler = lambdaEvents("collect", () => Promise.resolve(hostOf(handled)));
    const [bad, good] = [s3Created("bad", "x-Manifest.json"), s3Created("good", "x-Manifest.json")] as {
      Records: object[];
    }[];
    const both = { Records: [...(bad?.Records ?? []), ...(good?.Records ?? [])] };
    await expect(handler(both, CONTEXT)).rejects.toThrow("bad");
    expect(handled).toMatchObject([{ data: { location: "s3://good/x-Manifest.json" } }]);
  });

  it("opens the host at the first call, keeps it, and tries again if it cannot be opened", async () => {
    let opened = 0;
    const handler = lambdaEvents("collect", () =>
      ++opened === 1 ? Promise.reject(new Error("not now")) : Promise.resolve(hostOf([])),
    );
    await expect(handler({ a: 1 }, CONTEXT)).rejects.toThrow("not now");
    expect(await handler({ a: 1 }, CONTEXT)).toBeUndefined();
    await handler({ a: 1 }, CONTEXT);
    expect(opened).toBe(2);
  });
});
