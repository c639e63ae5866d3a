import type { Command } from "commander";
import type { Runtime } from "../../shared/usecases/runtime.ts";
import type { Format, Output } from "./output.ts";

/** Options that every command takes. */
export interface GlobalOptions {
  config: string;
  lake?: string;
  asOf?: string;
  now?: string;
  format: string;
  debug?: boolean;
}

/** What a command's action gets; its answer is the exit code (nothing means 0). */
export interface CommandContext<O> {
  options: O & GlobalOptions;
  out: Output;
  format: Format;
  /** Reads the configuration and opens the lake; only commands that need them ask. */
  openRuntime(configFile?: string, overrides?: { now?: string; lake?: string; shiftClock?: boolean }): Promise<Runtime>;
}

export type Action<O> = (context: CommandContext<O>, ...operands: string[]) => Promise<number | undefined>;
/** Binds an action to a command. `formats`, the first one being the default, where it prints in others than table, json and csv. */
export type Bind = <O>(command: Command, action: Action<O>, formats?: readonly [string, ...string[]]) => Command;
