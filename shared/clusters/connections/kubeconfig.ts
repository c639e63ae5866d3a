import { readFile } from "node:fs/promises";
import path from "node:path";
import { messageOf } from "../../core/errors.ts";
import { type Expiring, keepUntilExpiry } from "../../core/expiring.ts";
import { readClaims } from "../../core/token-claims.ts";
import type { HomeCloud } from "../../ports/credentials.ts";
import type { KubeAccess } from "./connection.ts";
import { type ExecCredential, type ExecSurroundings, runExecPlugin } from "./exec-plugin.ts";
import { type ExecPlugin, fault, type KubeContext, readContext } from "./kubeconfig-schema.ts";

export interface KubeconfigOptions extends Omit<ExecSurroundings, "folder"> {
  /** An absolute path. */
  file: string;
  /** Default: the file's current one. */
  context?: string | undefined;
  /** Development: tokens and certificates that never end are accepted. */
  allowStaticCredentials: boolean;
  /** Programs that fetch credentials are run on a person's machine only. */
  home: HomeCloud;
}

/** The kubelet replaces a pod's token well before it ends; it is read again after this time. */
const FILE_LIFE_MS = 60_000;
const EARLY_MS = 30_000;

/**
 * How to reach a cluster by a context of a kubeconfig. A service account's token file (its token ends and is replaced) and, on a person's
 * machine, exec plugins are taken as they are; tokens and client certificates in the file only with `allowStaticCredentials`. What would make
 * the connection another one than it looks (no check of the certificate, a proxy, another identity) is refused. Throws `config`.
 */
export async function openKubeconfig(options: KubeconfigOptions): Promise<KubeAccess> {
  const { file } = options;
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw fault(file, `the kubeconfig cannot be read: ${messageOf(error)}`);
  });
  const context = readContext(text, file, options.context);
  refuseDetours(context, file);
  const { server, "tls-server-name": serverName } = context.cluster;
  const certificateAuthority = await readPem(options, context.cluster, "certificate-authority");
  return {
    server: server.replace(/\/$/, ""),
    ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(await identityOf(context, options)),
  };
}

type Identity = Pick<KubeAccess, "token" | "clientCertificate">;

async function identityOf(context: KubeContext, options: KubeconfigOptions): Promise<Identity> {
  const { user } = context;
  const { file } = options;
  if (user.exec !== undefined) return byPlugin(user.exec, context, options);
  if (user.tokenFile !== undefined) return byTokenFile(path.resolve(path.dirname(file), user.tokenFile), options);
  if (user.token !== undefined) {
    const { token } = user;
    refuseStatic(options, "a token");
    return { token: async () => ({ value: token, expiresAt: new Date(8.64e15) }) };
  }
  const certificate = await readPem(options, user, "client-certificate");
  const key = await readPem(options, user, "client-key");
  if (certificate === undefined || key === undefined)
    throw fault(
      file,
      `the user of context ${context.name} has neither exec, tokenFile, token nor a client certificate`,
    );
  refuseStatic(options, "a client certificate");
  return { clientCertificate: { certificate, key } };
}

async function byPlugin(plugin: ExecPlugin, context: KubeContext, options: KubeconfigOptions): Promise<Identity> {
  if (options.home !== "local")
    throw fault(
      options.file,
      `context ${context.name} runs ${plugin.command} for its credentials, which is done on a person's machine only: configure the cluster as eks, aks or gke, or give it a service account's tokenFile`,
    );
  const surroundings = { ...options, folder: path.dirname(options.file) };
  const run = () => runExecPlugin(plugin, context, surroundings);
  const first = await run();
  const { clientCertificate } = first.value;
  return {
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
    ...(first.value.token === undefined ? {} : { token: tokensOf(run, first, options) }),
  };
}

/** The plugin's tokens; the one that is there already serves first. */
function tokensOf(
  run: () => Promise<Expiring<ExecCredential>>,
  first: Expiring<ExecCredential>,
  { clock, file }: KubeconfigOptions,
): NonNullable<KubeAccess["token"]> {
  let waiting: Expiring<ExecCredential> | undefined = first;
  const next = async () => {
    const { value, expiresAt } = waiting ?? (await run());
    waiting = undefined;
    if (value.token === undefined) throw fault(file, "the credential plugin gave no token this time");
    return { value: value.token, expiresAt };
  };
  return keepUntilExpiry(next, { now: () => clock.now(), earlyMs: EARLY_MS });
}

async function byTokenFile(tokenFile: string, options: KubeconfigOptions): Promise<Identity> {
  const { clock } = options;
  const read = async () => {
    const text = await readFile(tokenFile, "utf8").catch((error: unknown) => {
      throw fault(options.file, `the token file cannot be read: ${messageOf(error)}`, "tokenFile");
    });
    const value = text.trim();
    return { value, expiresAt: new Date(clock.now().getTime() + FILE_LIFE_MS) };
  };
  if (readClaims((await read()).value).expiresAt === undefined)
    refuseStatic(options, "a tokenFile whose token never ends");
  return { token: keepUntilExpiry(read, { now: () => clock.now(), earlyMs: EARLY_MS }) };
}

function refuseStatic({ allowStaticCredentials, file }: KubeconfigOptions, what: string): void {
  if (allowStaticCredentials) return;
  throw fault(
    file,
    `the kubeconfig holds ${what}, which is a static key: use eks, aks or gke, a service account's tokenFile or, on your own machine, an exec plugin; for development allowStaticCredentials: true`,
  );
}

function refuseDetours({ cluster, user, name }: KubeContext, file: string): void {
  const wrong = [
    [
      cluster["insecure-skip-tls-verify"] === true,
      "does not check the server's certificate (insecure-skip-tls-verify)",
    ],
    [cluster["proxy-url"] !== undefined, "goes through a proxy (proxy-url), which is not supported"],
    [user.as !== undefined, "acts as somebody else (as), which is not supported"],
    [user.username !== undefined || user.password !== undefined, "has a password, which API servers no longer accept"],
    [user["auth-provider"] !== undefined, "uses an auth-provider, which was replaced by exec plugins"],
  ] as const;
  for (const [found, what] of wrong) if (found) throw fault(file, `context ${name} ${what}`);
}

type WithFiles = Readonly<Record<string, unknown>>;

/** `<field>-data` in base64, or the file that `<field>` names. */
async function readPem({ file }: KubeconfigOptions, holder: WithFiles, field: string): Promise<string | undefined> {
  const data = holder[`${field}-data`];
  if (typeof data === "string") return Buffer.from(data, "base64").toString("utf8");
  const named = holder[field];
  if (typeof named !== "string") return undefined;
  return readFile(path.resolve(path.dirname(file), named), "utf8").catch((error: unknown) => {
    throw fault(file, `${named} cannot be read: ${messageOf(error)}`, field);
  });
}
