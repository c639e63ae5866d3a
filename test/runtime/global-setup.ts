import { link, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { unzipSync } from "fflate";
import type { TestProject } from "vitest/node";
import { packageTemplate } from "../../scripts/lib/package/serverless.mjs";
import { writePackages } from "../../scripts/lib/package/write-packages.mjs";
import { root } from "./support/paths.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder with `<cloud>/<package>/`: each zip, unpacked where nothing else of the clone can be found. */
    packages: string;
    /** Paths of the zips, by `<cloud>/<package>`. */
    zips: Readonly<Record<string, string>>;
    /** Path of the CloudFormation template. */
    template: string;
  }
}

const CLOUDS = ["aws", "azure", "gcp"] as const;
const DIST = "dist/test";

/** Builds what is deployed, once, and unpacks it as the platforms do. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const packages = await mkdtemp(path.join(tmpdir(), "genops-packages-"));
  const zips: Record<string, string> = {};
  const library: Unpacked = {};
  for (const cloud of CLOUDS) {
    for (const { name, zip } of await writePackages(cloud, "x64", { folder: DIST, unpack: false })) {
      const file = path.join(root, zip);
      zips[`${cloud}/${name}`] = file;
      await unpack(file, path.join(packages, cloud, name), library);
      if (cloud === "gcp") await linkFramework(path.join(packages, cloud, name));
    }
  }
  project.provide("packages", packages);
  project.provide("zips", zips);
  project.provide("template", path.join(root, await packageTemplate("x64", `${DIST}/aws`)));
  return () => rm(packages, { recursive: true, force: true });
}

/** DuckDB's library, where it was unpacked first. */
interface Unpacked {
  file?: string;
  compressedBytes?: number;
}

/** The library is the same in all packages that have it: its compressed bytes depend on its content alone. */
async function unpack(zip: string, folder: string, library: Unpacked): Promise<void> {
  let linked: string | undefined;
  const files = unzipSync(await readFile(zip), {
    filter: ({ name, size }) => {
      const same = name.endsWith("/libduckdb.so") && size === library.compressedBytes;
      if (same) linked = name;
      else if (name.endsWith("/libduckdb.so"))
        Object.assign(library, { file: path.join(folder, name), compressedBytes: size });
      return !same;
    },
  });
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  if (linked !== undefined && library.file !== undefined) await link(library.file, path.join(folder, linked));
}

/** What the buildpack installs: the framework, and nothing else that the package might have forgotten. */
async function linkFramework(folder: string): Promise<void> {
  const name = path.join("node_modules", "@google-cloud", "functions-framework");
  await mkdir(path.join(folder, path.dirname(name)), { recursive: true });
  await symlink(path.join(root, name), path.join(folder, name));
}
