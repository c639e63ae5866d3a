import * as yaml from "yaml";
import * as z from "zod";
import { GenOpsError, messageOf } from "../../core/errors.ts";

const Cluster = z.object({
  server: z.string(),
  "certificate-authority": z.string().optional(),
  "certificate-authority-data": z.string().optional(),
  "insecure-skip-tls-verify": z.boolean().optional(),
  "tls-server-name": z.string().optional(),
  "proxy-url": z.string().optional(),
});

const Exec = z.object({
  apiVersion: z.string(),
  command: z.string(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  provideClusterInfo: z.boolean().optional(),
  installHint: z.string().optional(),
});
export type ExecPlugin = z.infer<typeof Exec>;

const User = z.object({
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  "client-certificate": z.string().optional(),
  "client-certificate-data": z.string().optional(),
  "client-key": z.string().optional(),
  "client-key-data": z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  as: z.string().optional(),
  "auth-provider": z.unknown().optional(),
  exec: Exec.optional(),
});

const Kubeconfig = z.object({
  "current-context": z.string().optional(),
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) })),
  clusters: z.array(z.object({ name: z.string(), cluster: Cluster })),
  users: z.array(z.object({ name: z.string(), user: User.nullish() })),
});

export interface KubeContext {
  name: string;
  cluster: z.infer<typeof Cluster>;
  user: z.infer<typeof User>;
}

/** One context of a kubeconfig's text, with its cluster and its user. `file` names it in errors, which are of code `config`. */
export function readContext(text: string, file: string, wanted?: string): KubeContext {
  const config = parse(text, file);
  const name = wanted ?? config["current-context"];
  if (name === undefined || name === "")
    throw fault(file, "it has no current-context; say which one: context", "context");
  const context = config.contexts.find((each) => each.name === name)?.context;
  if (context === undefined) {
    const names = config.contexts.map((each) => each.name).join(", ");
    throw fault(file, `there is no context ${name}; there are: ${names === "" ? "none" : names}`, "context");
  }
  const cluster = config.clusters.find((each) => each.name === context.cluster)?.cluster;
  if (cluster === undefined)
    throw fault(file, `context ${name} names the cluster ${context.cluster}, which is not there`);
  const user = config.users.find((each) => each.name === context.user);
  if (user === undefined) throw fault(file, `context ${name} names the user ${context.user}, which is not there`);
  return { name, cluster, user: user.user ?? {} };
}

function parse(text: string, file: string): z.infer<typeof Kubeconfig> {
  let content: unknown;
  try {
    content = yaml.parse(text);
  } catch (error) {
    throw fault(file, `not YAML: ${messageOf(error).split("\n")[0] ?? ""}`);
  }
  const parsed = Kubeconfig.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw fault(file, `not a kubeconfig: ${issue?.message ?? "invalid"}`, issue?.path.join("."));
}

export function fault(file: string, message: string, field?: string): GenOpsError {
  return new GenOpsError("config", message, {
    place: { file, ...(field === undefined || field === "" ? {} : { field }) },
  });
}
