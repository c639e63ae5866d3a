import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import * as z from "zod";
import { readJson, root } from "../../unit/repository/repository-files.ts";

export const PROVIDERS = ["aws", "azurerm", "google"] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/** What a provider's configuration is checked by. */
export interface Provider {
  name: ProviderName;
  version: string;
  /** The provider's own program, or a program that knows its schema and nothing else (test/terraform/stand-in). */
  kind: "program" | "stand-in" | "registry";
  /** The mirror that holds it; none where Terraform asks its registry. */
  mirror?: string;
}

const HOST = "registry.terraform.io";

/** Terraform's own name of this system: linux_amd64. */
const SYSTEM = `${process.platform === "win32" ? "windows" : process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;

/**
 * Finds a provider: in the mirror that GENOPS_TF_MIRROR names, else in the folders that Terraform itself looks through or a folder below
 * /opt; with GENOPS_TF_REGISTRY=1 from Terraform's registry; else its stand-in, written into `standIns`.
 */
export function findProvider(name: ProviderName, standIns: string, env = process.env): Provider {
  for (const mirror of mirrors(env)) {
    const version = mirroredVersion(mirror, name);
    if (version !== undefined) return { name, version, kind: "program", mirror };
  }
  if (env["GENOPS_TF_REGISTRY"] === "1") return { name, version: "newest that fits", kind: "registry" };
  return { name, version: writeStandIn(name, standIns), kind: "stand-in", mirror: standIns };
}

function mirrors(env: NodeJS.ProcessEnv): string[] {
  const named = env["GENOPS_TF_MIRROR"];
  if (named !== undefined) {
    if (named === "" || existsSync(join(named, HOST))) return named === "" ? [] : [named];
    throw new Error(`GENOPS_TF_MIRROR: ${named} holds no folder ${HOST}`);
  }
  const shared = (env["XDG_DATA_DIRS"] ?? "/usr/local/share:/usr/share").split(delimiter);
  const own = env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share");
  const implied = [own, ...shared].map((folder) => join(folder, "terraform", "plugins"));
  const addedSoftware = existsSync("/opt") ? readdirSync("/opt").map((folder) => join("/opt", folder)) : [];
  return [join(homedir(), ".terraform.d", "plugins"), ...implied, ...addedSoftware].filter((folder) =>
    existsSync(join(folder, HOST)),
  );
}

function mirroredVersion(mirror: string, name: ProviderName): string | undefined {
  const folder = join(mirror, HOST, "hashicorp", name);
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder)
    .filter((version) => /^\d+\.\d+\.\d+$/.test(version) && existsSync(join(folder, version, SYSTEM)))
    .sort((left, right) => left.localeCompare(right, "en", { numeric: true }))
    .at(-1);
}

/** Where the snapshot of a provider's schema lies (test/fixtures/terraform-schemas/README.md). */
export function schemaFile(name: ProviderName): string {
  return `test/fixtures/terraform-schemas/${name}.json`;
}

function writeStandIn(name: ProviderName, mirror: string): string {
  const { version } = z.object({ version: z.string() }).parse(readJson(schemaFile(name)));
  const folder = join(mirror, HOST, "hashicorp", name, version, SYSTEM);
  const program = join(folder, `terraform-provider-${name}_v${version}_x5`);
  const provider = join(root, "test", "terraform", "stand-in", "provider.mjs");
  mkdirSync(folder, { recursive: true });
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${provider}" "${join(root, schemaFile(name))}"\n`);
  chmodSync(program, 0o755);
  return version;
}

/** Terraform's settings that lead each provider to where it is, and nowhere else. */
export function cliConfiguration(providers: readonly Provider[]): string {
  const methods = providers.map(({ name, mirror }) => {
    const include = `include = ["${HOST}/hashicorp/${name}"]`;
    return mirror === undefined
      ? `  direct {\n    ${include}\n  }`
      : `  filesystem_mirror {\n    path    = ${JSON.stringify(mirror)}\n    ${include}\n  }`;
  });
  return `disable_checkpoint = true\n\nprovider_installation {\n${methods.join("\n")}\n}\n`;
}
