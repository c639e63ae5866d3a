import { createRequire } from "node:module";
import path from "node:path";
import { findNode, toolsFolder } from "../../../scripts/lib/paths.mjs";
import { FAKE_GCS, MOTO } from "../../../scripts/lib/programs.mjs";
import type { TestServer } from "./http-server.ts";
import { requireProgram, startProgram } from "./start-program.ts";

/** AWS as moto plays it. */
export function startMoto(): Promise<TestServer> {
  return startProgram({
    name: "moto",
    command: requireProgram(MOTO),
    args: (port) => ["-H", "127.0.0.1", "-p", String(port)],
  });
}

/** Azure Blob Storage as Azurite, Microsoft's emulator, plays it. */
export function startAzurite(): Promise<TestServer> {
  const manifest = createRequire(path.join(toolsFolder, "package.json")).resolve("azurite/package.json");
  const program = path.join(path.dirname(manifest), "dist", "src", "blob", "main.js");
  return startProgram({
    name: "Azurite",
    command: findNode() ?? process.execPath,
    args: (port) => [
      program,
      ...["--blobHost", "127.0.0.1", "--blobPort", String(port)],
      ...["--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--disableTelemetry"],
    ],
  });
}

/** Google Cloud Storage as fake-gcs-server plays it. */
export function startFakeGcsServer(): Promise<TestServer> {
  return startProgram({
    name: "fake-gcs-server",
    command: requireProgram(FAKE_GCS),
    args: (port) => [
      ...["-scheme", "http", "-host", "127.0.0.1", "-port", String(port)],
      ...["-backend", "memory", "-external-url", `http://127.0.0.1:${port}`, "-log-level", "warn"],
    ],
  });
}
