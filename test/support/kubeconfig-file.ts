import { writeFile } from "node:fs/promises";
import path from "node:path";
import * as yaml from "yaml";

export interface KubeconfigParts {
  server: string;
  certificateAuthority?: string;
  user: unknown;
  cluster?: Readonly<Record<string, unknown>>;
}

/** A kubeconfig with one context, `dev`; gives back its path. */
export async function writeKubeconfig(
  folder: string,
  { server, certificateAuthority, user, cluster = {} }: KubeconfigParts,
): Promise<string> {
  const file = path.join(folder, "kubeconfig.yaml");
  const authority =
    certificateAuthority === undefined
      ? {}
      : { "certificate-authority-data": Buffer.from(certificateAuthority).toString("base64") };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "dev",
    contexts: [{ name: "dev", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { server, ...authority, ...cluster } }],
    users: [{ name: "u", user }],
  };
  await writeFile(file, yaml.stringify(config));
  return file;
}
