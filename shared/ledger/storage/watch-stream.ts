import type { Readable } from "node:stream";
import type { Clock } from "../../ports/clock.ts";

/** Ends a stream with an error when somebody waits for its next bytes and none come for `idleMs`: a connection can stall for ever. */
export async function* watchStream(
  stream: Readable,
  idleMs: number,
  clock: Pick<Clock, "sleep">,
): AsyncGenerator<Uint8Array> {
  const ended = new AbortController();
  let waiting = true;
  let moved = false;
  const watch = async () => {
    while (!ended.signal.aborted) {
      moved = false;
      await clock.sleep(idleMs, ended.signal);
      if (waiting && !moved) stream.destroy(stalled(idleMs));
    }
  };
  const watching = watch();
  try {
    for await (const chunk of stream) {
      moved = true;
      waiting = false;
      yield chunk as Uint8Array;
      waiting = true;
      moved = true;
    }
  } finally {
    ended.abort();
    await watching;
  }
}

function stalled(idleMs: number): Error {
  return Object.assign(new Error(`no data for ${idleMs} ms`), { code: "ETIMEDOUT" });
}
