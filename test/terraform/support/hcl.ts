import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as z from "zod";
import { root } from "../../unit/repository/repository-files.ts";

/** HashiCorp's own parser, compiled to WebAssembly; the package lives with the heavy test tools. */
interface Hcl2Json {
  parse(fileName: string, text: string): Promise<unknown>;
}

export type Block = Readonly<Record<string, unknown>>;

/** Blocks of one kind by their labels: `aws_s3_bucket.lake`, `name`. */
export type Blocks = ReadonlyMap<string, Block>;

/** One folder of Terraform files. */
export interface TerraformFolder {
  /** Below terraform/: `modules/aws`. */
  path: string;
  files: readonly string[];
  /** All files, without comments. */
  text: string;
  resources: Blocks;
  data: Blocks;
  variables: Blocks;
  outputs: Blocks;
  modules: Blocks;
  locals: Block;
  terraform: Block;
}

const Labelled = z.record(z.string(), z.array(z.record(z.string(), z.unknown()))).default({});
const TwiceLabelled = z
  .record(z.string(), z.record(z.string(), z.array(z.record(z.string(), z.unknown()))))
  .default({});
const Unlabelled = z.array(z.record(z.string(), z.unknown())).default([]);

const Document = z.object({
  resource: TwiceLabelled,
  data: TwiceLabelled,
  variable: Labelled,
  output: Labelled,
  module: Labelled,
  locals: Unlabelled,
  terraform: Unlabelled,
});

/** Every folder below terraform/ that holds .tf files. */
export async function readTerraform(): Promise<ReadonlyMap<string, TerraformFolder>> {
  const base = join(root, "terraform");
  const files = readdirSync(base, { recursive: true }).map((path) => String(path).replaceAll("\\", "/"));
  const folders = new Set(files.filter((path) => path.endsWith(".tf")).map((path) => path.replace(/\/[^/]+$/, "")));
  const read = await Promise.all([...folders].sort().map(readFolder));
  return new Map(read.map((folder) => [folder.path, folder]));
}

async function readFolder(path: string): Promise<TerraformFolder> {
  const folder = join(root, "terraform", path);
  const files = readdirSync(folder).filter((name) => name.endsWith(".tf"));
  const texts = files.map((name) => readFileSync(join(folder, name), "utf8"));
  const text = texts.join("\n");
  const document = Document.parse(await parser().parse(`${path}.tf`, text));
  return {
    path,
    files,
    text: withoutComments(text),
    resources: twiceLabelled(document.resource),
    data: twiceLabelled(document.data),
    variables: labelled(document.variable),
    outputs: labelled(document.output),
    modules: labelled(document.module),
    locals: Object.assign({}, ...document.locals),
    terraform: Object.assign({}, ...document.terraform),
  };
}

function parser(): Hcl2Json {
  const require = createRequire(join(root, "test", "tools", "package.json"));
  return require("@cdktf/hcl2json") as Hcl2Json;
}

function withoutComments(text: string): string {
  return text
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .join("\n");
}

function labelled(blocks: z.output<typeof Labelled>): Blocks {
  return new Map(Object.entries(blocks).map(([name, all]) => [name, Object.assign({}, ...all)]));
}

function twiceLabelled(blocks: z.output<typeof TwiceLabelled>): Blocks {
  return new Map(
    Object.entries(blocks).flatMap(([kind, named]) =>
      [...labelled(named)].map(([name, block]) => [`${kind}.${name}`, block] as const),
    ),
  );
}
