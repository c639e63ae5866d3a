import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { build, transform } from "esbuild";
import { root } from "../paths.mjs";

/**
 * @typedef {Map<string, Uint8Array>} Files path in the package (`/` between its parts) → content
 * @typedef {object} Bundle
 * @property {Files} files
 * @property {import("esbuild").Metafile} metafile paths in it are relative to the clone
 */

/** What the platform brings, or what is carried beside the bundle because it is not JavaScript. */
const EXTERNAL = ["@azure/functions-core", "@google-cloud/functions-framework", "@duckdb/*"];

/** CommonJS packages inside an ES module still ask for Node's own modules, and for what lies beside the function. */
const REQUIRE = [
  'import { createRequire as genopsCreateRequire } from "node:module";',
  "const require = genopsCreateRequire(import.meta.url);",
].join("\n");

/** … and for their place. Unlike a banner this collides with no name of a module. */
const PLACE = join(root, "scripts", "lib", "package", "commonjs-place.mjs");

/** Where the package keeps the files that modules read beside themselves. */
const DATA = "data";

/**
 * Bundles one entry into ES modules of one folder: `index.mjs` and the chunks that it loads when they are needed.
 * @param {string} contents JavaScript whose imports are relative to the clone
 * @returns {Promise<Bundle>}
 */
export async function bundle(contents) {
  const result = await build({
    stdin: { contents, resolveDir: root, sourcefile: "index.mjs", loader: "js" },
    outdir: join(root, "dist"),
    entryNames: "index",
    chunkNames: "chunk-[hash]",
    outExtension: { ".js": ".mjs" },
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    splitting: true,
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    external: EXTERNAL,
    banner: { js: REQUIRE },
    inject: [PLACE],
    // Names stay: they are in stack traces, and some SDKs compare them.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    logLevel: "warning",
    plugins: [modulesFindTheirData],
  });
  /** @type {Files} */
  const files = new Map();
  for (const { path, contents: bytes } of result.outputFiles) {
    files.set(slashed(relative(join(root, "dist"), path)), bytes);
    // Reads it again: a chunk that is loaded late would fail late.
    await transform(bytes, { format: "esm", sourcefile: path });
  }
  return { files, metafile: result.metafile };
}

/**
 * Modules that read files beside themselves name them by `import.meta.url`. In a chunk that would be the chunk's place, so it becomes
 * the module's place below `data/`, where `dataFiles` puts those files.
 * @type {import("esbuild").Plugin}
 */
const modulesFindTheirData = {
  name: "modules-find-their-data",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]shared[\\/].*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      if (!text.includes("import.meta.url")) return undefined;
      const place = JSON.stringify(`./${DATA}/${slashed(relative(root, path))}`);
      return {
        contents: text.replaceAll("import.meta.url", `new URL(${place}, import.meta.url).href`),
        loader: "ts",
      };
    });
  },
};

/**
 * The folders whose data files a bundle needs: those of its modules that read files beside themselves.
 * @param {import("esbuild").Metafile} metafile
 * @returns {string[]} relative to the clone
 */
function dataFoldersOf(metafile) {
  const modules = Object.keys(metafile.inputs).filter((path) => path.startsWith("shared/") && path.endsWith(".ts"));
  const readers = modules.filter((path) => readFileSync(join(root, path), "utf8").includes("import.meta.url"));
  return [...new Set(readers.map((path) => slashed(dirname(path))))].sort();
}

/**
 * The chunk that a lazily imported module begins.
 * @param {import("esbuild").Metafile} metafile
 * @param {string} module relative to the clone
 */
export function chunkOf(metafile, module) {
  const found = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === module);
  if (found === undefined) throw new Error(`${module} is not imported lazily`);
  return slashed(relative("dist", found[0]));
}

/**
 * The modules that our own modules import lazily; relative to the clone.
 * @param {import("esbuild").Metafile} metafile
 */
export function lazyModulesOf(metafile) {
  const own = Object.entries(metafile.inputs).filter(([path]) => /^(functions|shared)\//.test(path));
  const lazy = own.flatMap(([, { imports }]) =>
    imports.filter(({ kind, external }) => kind === "dynamic-import" && external !== true),
  );
  return [...new Set(lazy.map(({ path }) => path))].sort();
}

/** @param {string} path */
export function slashed(path) {
  return path.split(sep).join("/");
}

/**
 * The files that a bundle's modules read beside themselves, where `import.meta.url` now points.
 * @param {import("esbuild").Metafile} metafile
 * @returns {Files}
 */
export function dataFiles(metafile) {
  /** @type {Files} */
  const files = new Map();
  for (const folder of dataFoldersOf(metafile)) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
      if (!/\.(sql|csv|json)$/.test(name)) continue;
      files.set(`${DATA}/${folder}/${slashed(name)}`, readFileSync(join(root, folder, name)));
    }
  }
  return files;
}
