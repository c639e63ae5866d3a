import { CommanderError } from "commander";
import { GenOpsError, messageOf } from "../../shared/core/errors.ts";
import { createProgram } from "./program.ts";
import { escapeControls } from "./terminal/text.ts";

/** 2: the call or the configuration is wrong. 3: the work failed. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof GenOpsError && (error.code === "usage" || error.code === "config") ? 2 : 3;
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    return await createProgram().run(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      process.stderr.write(`genops: ${messageOf(error).split("\n").map(escapeControls).join("\n")}\n`);
      if (argv.includes("--debug")) console.error(error);
      else if (!(error instanceof GenOpsError) || error.code === "internal")
        process.stderr.write("Run again with --debug for details.\n");
    }
    return exitCodeOf(error);
  }
}

// A reader that went away (`| head`) is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
});
// Ends through `exit` handlers, so that temporary folders go away.
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
process.exitCode = await main(process.argv.slice(2));
