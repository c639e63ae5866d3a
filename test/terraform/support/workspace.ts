import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../unit/repository/repository-files.ts";
import { cliConfiguration, findProvider, PROVIDERS, type Provider } from "./providers.ts";

/** Every folder that Terraform can be run in. */
export const FOLDERS: readonly string[] = ["modules", "examples", "bootstrap"].flatMap((kind) =>
  readdirSync(join(root, "terraform", kind)).map((name) => `${kind}/${name}`),
);

const HOW = {
  program: "checked by the provider itself",
  registry: "checked by the provider itself, from Terraform's registry",
  "stand-in":
    "provider not available: a stand-in with its schema checks names, types and wiring, but no rules about values",
};

/** What the results of this run mean, a line per provider. */
export function describeProviders(providers: readonly Provider[]): string {
  return providers.map(({ name, version, kind }) => `${name.padEnd(8)} ${version.padEnd(8)} ${HOW[kind]}`).join("\n");
}

export interface Run {
  code: number;
  /** Standard output and error. */
  output: string;
  stdout: string;
}

/** A copy of terraform/, so that running Terraform leaves nothing in the repository. */
export interface Workspace {
  folder: string;
  providers: readonly Provider[];
  /** Runs Terraform in a folder of the copy: `modules/aws`. */
  terraform(path: string, ...args: string[]): Promise<Run>;
  remove(): void;
}

/** Placeholders for the packages of a build: Terraform only reads their hashes. */
const ARTIFACTS = [
  ...["aws", "gcp"].flatMap((cloud) =>
    ["collect", "evaluate", "enforce", "alerts", "health", "api"].map((name) => `${cloud}/${name}.zip`),
  ),
  "azure/genops.zip",
];

/** `providersFrom`: the environment that says where providers are. */
export function createWorkspace(providersFrom = process.env): Workspace {
  const folder = mkdtempSync(join(tmpdir(), "genops-terraform-"));
  cpSync(join(root, "terraform"), join(folder, "terraform"), { recursive: true });
  for (const path of ARTIFACTS) {
    mkdirSync(join(folder, "dist", path, ".."), { recursive: true });
    writeFileSync(join(folder, "dist", path), `not a zip: ${path}`);
  }
  const providers = PROVIDERS.map((name) => findProvider(name, join(folder, "stand-ins"), providersFrom));
  writeFileSync(join(folder, "cli.tfrc"), cliConfiguration(providers));
  const env = {
    ...withoutTerraformSettings(process.env),
    TF_CLI_CONFIG_FILE: join(folder, "cli.tfrc"),
    TF_IN_AUTOMATION: "1",
    TF_INPUT: "0",
    CHECKPOINT_DISABLE: "1",
    // The stand-ins speak without TLS; everything stays on this machine.
    TF_DISABLE_PLUGIN_TLS: "1",
    AWS_EC2_METADATA_DISABLED: "true",
  };
  return {
    folder,
    providers,
    terraform: (path, ...args) => run(program(), args, join(folder, "terraform", path), env),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Named by the tier (scripts/lib/programs.mjs), which fails when there is none. */
function program(): string {
  return process.env["GENOPS_TERRAFORM"] ?? "terraform";
}

/** What a person has set for their own work must not decide a test. */
function withoutTerraformSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("TF_")));
}

function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Run> {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output, stdout }));
  });
}
