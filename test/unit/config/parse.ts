import { readFileSync } from "node:fs";
import { parseConfig } from "../../../shared/config/parse-config.ts";
import type { Config } from "../../../shared/config/types.ts";
import { GenOpsError } from "../../../shared/core/errors.ts";

/** Parses with the secrets given: `{ "env:NAME": "value", "secret:NAME": "value" }`. */
export function parse(text: string, secrets: Readonly<Record<string, string>> = {}): Config {
  return parseConfig(text, {
    fileName: "genops.yaml",
    baseDir: "/srv",
    secrets: { read: (kind, name) => secrets[`${kind}:${name}`] },
  });
}

/** The error of a wrong configuration. */
export function errorOf(text: string, secrets: Readonly<Record<string, string>> = {}): GenOpsError {
  try {
    parse(text, secrets);
  } catch (error) {
    if (error instanceof GenOpsError) return error;
    throw error;
  }
  throw new Error("the configuration is accepted");
}

/** A YAML block of the guide, word for word. */
export function guide(name: string): string {
  return readFileSync(new URL(`../../fixtures/guide/${name}`, import.meta.url), "utf8");
}
