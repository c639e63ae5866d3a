import { GenOpsError, messageOf } from "../../core/errors.ts";
import type { Log } from "../../ports/invocation.ts";
import type { LogEntry, PlatformCall } from "../../ports/platform.ts";
import type { Progress } from "../../ports/progress.ts";

/** A log whose lines all carry these fields. */
export function createLog(call: Pick<PlatformCall, "write">, common: LogEntry["fields"]): Log {
  const at =
    (severity: LogEntry["severity"]): Log["info"] =>
    (message, fields = {}) =>
      call.write({ severity, message, fields: { ...common, ...fields } });
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

/** Nobody watches a function work: only what is worth keeping is logged. */
export function progressOf(log: Log): Progress {
  return { report: () => {}, note: (text) => log.info(text) };
}

/** What a log line says about an error. Stack traces only for what should not have happened. */
export function errorFields(error: unknown): LogEntry["fields"] {
  if (error instanceof GenOpsError) {
    const { code, place, retryable } = error;
    return { error: error.message, code, retryable, ...(Object.keys(place).length === 0 ? {} : { place }) };
  }
  return { error: messageOf(error), ...(error instanceof Error ? { stack: error.stack } : {}) };
}
