import { execFile } from "node:child_process";
import path from "node:path";
import * as z from "zod";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import type { Expiring } from "../../core/expiring.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ExecPlugin, KubeContext } from "./kubeconfig-schema.ts";
import { redact } from "./redact.ts";

export interface ExecSurroundings {
  /** Folder of the kubeconfig: commands with a slash are relative to it. */
  folder: string;
  environment: Readonly<Record<string, string | undefined>>;
  clock: Pick<Clock, "now">;
}

/** What a plugin gives: a token, a certificate, or both. */
export interface ExecCredential {
  token?: string;
  clientCertificate?: { certificate: string; key: string };
}

const TIMEOUT_MS = 60_000;
/** A credential without an end is asked for again after this time: the plugin keeps what it knows itself. */
const UNKNOWN_LIFE_MS = 5 * 60_000;
const MOST_BYTES = 1024 * 1024;

const Answer = z.object({
  status: z.object({
    token: z.string().optional(),
    expirationTimestamp: z.iso.datetime({ offset: true }).optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
  }),
});

/** Runs a kubeconfig's credential plugin once, not interactively (client.authentication.k8s.io). Throws `config` with what it said. */
export async function runExecPlugin(
  plugin: ExecPlugin,
  context: KubeContext,
  surroundings: ExecSurroundings,
): Promise<Expiring<ExecCredential>> {
  const { command } = plugin;
  const parsed = Answer.safeParse(await runJson(plugin, context, surroundings));
  if (!parsed.success) throw new GenOpsError("config", `${command} gave no ExecCredential`);
  const { token, expirationTimestamp, clientCertificateData: certificate, clientKeyData: key } = parsed.data.status;
  const clientCertificate = certificate === undefined || key === undefined ? undefined : { certificate, key };
  if (token === undefined && clientCertificate === undefined)
    throw new GenOpsError("config", `${command} gave neither a token nor a certificate`);
  const { clock } = surroundings;
  return {
    value: {
      ...(token === undefined ? {} : { token }),
      ...(clientCertificate === undefined ? {} : { clientCertificate }),
    },
    expiresAt:
      expirationTimestamp === undefined
        ? new Date(clock.now().getTime() + UNKNOWN_LIFE_MS)
        : new Date(expirationTimestamp),
  };
}

async function runJson(plugin: ExecPlugin, context: KubeContext, surroundings: ExecSurroundings): Promise<unknown> {
  const text = await run(plugin, context, surroundings);
  try {
    return JSON.parse(text);
  } catch {
    throw new GenOpsError("config", `${plugin.command} gave no JSON`);
  }
}

function run(plugin: ExecPlugin, context: KubeContext, surroundings: ExecSurroundings): Promise<string> {
  const { folder, environment } = surroundings;
  const { command, args, env, installHint } = plugin;
  const program = /[\\/]/.test(command) ? path.resolve(folder, command) : command;
  const own = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  const info = { KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(plugin, context)) };
  const options = { env: { ...environment, ...own, ...info }, timeout: TIMEOUT_MS, maxBuffer: MOST_BYTES };
  return new Promise((resolve, reject) => {
    execFile(program, [...(args ?? [])], options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const said = redact(stderr.trim() === "" ? messageOf(error) : stderr.trim()).slice(0, 500);
      const hint = installHint === undefined ? "" : `; ${installHint.trim()}`;
      reject(new GenOpsError("config", `${command} gave no credential: ${said}${hint}`));
    });
  });
}

function execInfo({ apiVersion, provideClusterInfo }: ExecPlugin, { cluster }: KubeContext): unknown {
  const { server, "certificate-authority-data": authority, "tls-server-name": name } = cluster;
  const about = {
    server,
    ...(authority === undefined ? {} : { "certificate-authority-data": authority }),
    ...(name === undefined ? {} : { "tls-server-name": name }),
  };
  const spec = { interactive: false, ...(provideClusterInfo === true ? { cluster: about } : {}) };
  return { apiVersion, kind: "ExecCredential", spec };
}
