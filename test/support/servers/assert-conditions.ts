import type { RemoteObjects } from "../../../shared/ledger/storage/remote-objects.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/**
 * Throws unless the server refuses, by itself, each conditional request that GenOps sends. A server that ignores conditions (s3rver does)
 * makes every test of compare-and-swap green and worthless.
 */
export async function assertConditions(name: string, remote: RemoteObjects): Promise<void> {
  const put = (key: string, when: { create: true } | { ifMatch: string }) =>
    remote.write(key, bytes("2"), { when, writers: "probe" });
  const first = await remote.write("probe/k", bytes("1"), { writers: "probe" });
  const second = await remote.write("probe/k", bytes("1 again"), { writers: "other" });
  if (first === undefined || second === undefined) throw new Error(`${name} refuses unconditional writes`);
  const probes: [string, () => Promise<boolean>][] = [
    ["creating what exists", async () => (await put("probe/k", { create: true })) === undefined],
    ["replacing a version that is gone", async () => (await put("probe/k", { ifMatch: first })) === undefined],
    ["replacing what does not exist", async () => (await put("probe/none", { ifMatch: first })) === undefined],
    ["reading a version that is gone", async () => !(await reads(remote, first))],
  ];
  const wrong: string[] = [];
  for (const [what, isRefused] of probes) if (!(await isRefused())) wrong.push(what);
  const kept = await remote.look("probe/k");
  if (kept?.tag !== second) wrong.push("keeping what was not replaced");
  if ((await put("probe/k", { ifMatch: second })) === undefined)
    throw new Error(`${name} refuses a condition that holds`);
  await remote.remove("probe/k");
  if (wrong.length > 0)
    throw new Error(`${name} does not refuse: ${wrong.join(", ")}. What is tested on it proves nothing.`);
}

/** Does this very version come back? Missing and refused both mean no. */
async function reads(remote: RemoteObjects, tag: string): Promise<boolean> {
  const opened = await remote.open("probe/k", { tag }).catch(() => undefined);
  opened?.stream.destroy();
  return opened !== undefined;
}
