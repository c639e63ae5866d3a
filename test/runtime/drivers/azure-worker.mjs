// What the Azure Functions worker does: loads the app and invokes functions as it is told over IPC. `node azure-worker.mjs APP_FOLDER`
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { installAzureCore } from "../../support/functions/azure-core.mjs";

const core = installAzureCore((line) => process.stdout.write(`${line}\n`));
const folder = process.argv[2] ?? "";
const { main } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
await import(pathToFileURL(join(folder, main)).href);

/** @param {{ id: number, name: string, data: unknown }} message */
async function answer({ id, name, data }) {
  const outcome = await core.invoke(name, data, `azure-${id}`).then(
    (result) => ({ ok: true, answer: result }),
    (error) => ({ ok: false, error: String(error?.message ?? error) }),
  );
  process.send?.({ id, ...outcome });
}

process.on("message", (/** @type {{ id: number, name: string, data: unknown }} */ message) => void answer(message));
process.send?.({ id: 0, ok: true, answer: core.registrations() });
