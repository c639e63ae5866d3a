import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { bundle, chunkOf, lazyModulesOf } from "../../scripts/lib/package/bundle.mjs";
import { WITH_DUCKDB } from "../../scripts/lib/package/duckdb.mjs";
import { importTime } from "../../scripts/lib/package/import-time.mjs";
import { STAND_IN, type Written, writePackages } from "../../scripts/lib/package/write-packages.mjs";
import { root } from "../../scripts/lib/paths.mjs";

const CLOUDS = ["aws", "azure", "gcp"] as const;
type Cloud = (typeof CLOUDS)[number];

/** Processes per figure. */
const RUNS = 7;

/** The client of each cloud's own object storage: what a function of that cloud needs for its lake. */
const LAKE_SDK: Readonly<Record<Cloud, readonly string[]>> = {
  aws: ["shared/platforms/aws/s3-client.ts", "shared/platforms/aws/s3-objects.ts"],
  azure: ["shared/platforms/azure/blob-client.ts", "shared/platforms/azure/blob-objects.ts"],
  gcp: ["shared/platforms/gcp/gcs-client.ts", "shared/platforms/gcp/gcs-objects.ts"],
};

/** Milliseconds, medians. */
type Time = ReturnType<typeof importTime>;

interface Cold {
  zipBytes: number;
  /** Importing the package's entry: what a cold start waits for before the first event. */
  entry: Time;
  /** The same, and the code that the first event loads, on a lake that needs no SDK. */
  ready: Time;
  /** The same, and the SDK of the cloud's object storage. */
  withSdk: Time;
  /** A bundle of the same modules that loads all of them at once. */
  everything: Time;
}

/**
 * Prints size and times of every package. The aims: < 60 ms for a handler without an SDK, < 150 ms with one, zips < 50 MB, and the entry
 * at most a quarter of everything.
 */
export async function printColdBench(print: (line: string) => void): Promise<void> {
  print(
    `Node ${process.versions.node}, medians of ${RUNS} fresh processes, after Node's own start; in brackets: processor time`,
  );
  print(
    "                     zip            entry        + handler        + one SDK       everything   entry / everything",
  );
  for (const cloud of CLOUDS) {
    for (const written of await writePackages(cloud, "x64", { folder: path.join("dist", "bench") })) {
      const { zipBytes, entry, ready, withSdk, everything } = await measure(cloud, written);
      const times = [entry, ready, withSdk, everything].map(({ wall, cpu }) =>
        `${wall.toFixed(0)} (${cpu.toFixed(0)}) ms`.padStart(16),
      );
      const ratio = `${(entry.wall / everything.wall).toFixed(2)} (${(entry.cpu / everything.cpu).toFixed(2)})`;
      print(
        `  ${`${cloud}/${written.name}`.padEnd(14)} ${(zipBytes / 1e6).toFixed(1).padStart(4)} MB ${times.join(" ")} ${ratio.padStart(16)}`,
      );
    }
  }
}

async function measure(cloud: Cloud, written: Written): Promise<Cold> {
  const { name, functions, zipBytes, unpacked, metafile } = written;
  if (cloud === "gcp") await linkFramework(path.join(root, unpacked));
  const folder = path.join(root, unpacked, path.dirname(written.entry));
  // The function app is measured with the function that needs the least.
  const handler = functions.length === 1 ? name : "alerts";
  const useCase = cloud === "azure" && handler === "alerts" ? "api" : handler;
  const chunks = (modules: readonly string[]) => modules.map((module) => path.join(folder, chunkOf(metafile, module)));
  const entry = path.join(folder, "index.mjs");
  const ready = [entry, ...chunks(["shared/usecases/host.ts", `shared/usecases/${useCase}.ts`])];
  const time = (files: readonly string[]) => importTime(files, { runs: RUNS, before: STAND_IN[cloud] });
  return {
    zipBytes,
    entry: time([entry]),
    ready: time(ready),
    withSdk: time([...ready, ...chunks(LAKE_SDK[cloud])]),
    everything: time([await bundleStatically(cloud, written, folder)]),
  };
}

/** One module with everything that the package would load lazily, imported at its beginning. */
async function bundleStatically(cloud: Cloud, { functions, metafile }: Written, folder: string): Promise<string> {
  const entries = functions.map((each) => `functions/${cloud}/${each}.ts`);
  const engine = functions.some((each) => WITH_DUCKDB.includes(each));
  const lazy = lazyModulesOf(metafile).filter((module) => engine || !module.includes("/duckdb/"));
  const imports = [...entries, ...lazy].map((module, index) => `export * as m${index} from "./${module}";`);
  const { files } = await bundle(imports.join("\n"));
  const entry = path.join(folder, "static.mjs");
  for (const [file, content] of files) await writeFile(file === "index.mjs" ? entry : path.join(folder, file), content);
  return entry;
}

/** The buildpack installs it beside the function. */
async function linkFramework(folder: string): Promise<void> {
  const framework = path.join("node_modules", "@google-cloud", "functions-framework");
  await mkdir(path.join(folder, path.dirname(framework)), { recursive: true });
  await symlink(path.join(root, framework), path.join(folder, framework));
}
