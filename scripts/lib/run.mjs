import { spawn } from "node:child_process";
import { constants } from "node:os";

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {boolean} [shell]
 * @property {import("node:child_process").StdioOptions} [stdio]
 */

/**
 * Runs a program in our place: it owns the terminal, gets our signals, and its exit code is the answer.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<number>}
 */
export function run(command, args, options = {}) {
  const child = spawn(command, args, { stdio: "inherit", ...options });
  return finish(child, forwardSignals(child));
}

/**
 * As `run`, for what npm starts: a killed npm takes only the shell between us with it, and would leave the program running.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<number>}
 */
export function runUnderNpm(command, args, options = {}) {
  const child = spawn(command, args, { stdio: "inherit", ...options });
  const stopForwarding = forwardSignals(child);
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) child.kill("SIGTERM");
  }, 500);
  return finish(child, () => {
    clearInterval(watch);
    stopForwarding();
  });
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {() => void} cleanUp
 * @returns {Promise<number>}
 */
function finish(child, cleanUp) {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      cleanUp();
      resolve(exitCodeOf(code, signal));
    });
  });
}

/**
 * Runs a program to its end and keeps what it wrote; standard output and error are one text in `output`.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{code: number, stdout: string, output: string}>}
 */
export function capture(command, args, options = {}) {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const stopForwarding = forwardSignals(child);
  let stdout = "";
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      stopForwarding();
      resolve({ code: exitCodeOf(code, signal), stdout, output });
    });
  });
}

/**
 * Ctrl-C in a terminal reaches the child by itself, as the terminal signals the whole group: a second one from us could mean "hurry" to it.
 * @param {import("node:child_process").ChildProcess} child
 */
function forwardSignals(child) {
  /** @param {NodeJS.Signals} signal */
  function forward(signal) {
    const sentByTerminal = signal === "SIGINT" && process.stdin.isTTY === true;
    if (!sentByTerminal) child.kill(signal);
  }
  /** @type {readonly NodeJS.Signals[]} */
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, forward);
  return () => {
    for (const signal of signals) process.off(signal, forward);
  };
}

/**
 * As a shell would say it: 128 + the signal's number for a killed child.
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
function exitCodeOf(code, signal) {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
