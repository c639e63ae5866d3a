import * as z from "zod";
import type { Workspace } from "./workspace.ts";

/** A resource as Terraform would have made it, with every value worked out. */
export interface Resource {
  /** `module.aws.aws_sqs_queue.work["collect"]` */
  address: string;
  type: string;
  values: Readonly<Record<string, unknown>>;
}

/** One `run` of a test file. */
export interface TestRun {
  name: string;
  status: string;
  resources: readonly Resource[];
}

export interface TestRuns {
  runs: readonly TestRun[];
  errors: readonly string[];
}

const ResourceJson = z.object({
  address: z.string(),
  mode: z.string(),
  type: z.string(),
  values: z.record(z.string(), z.unknown()),
});
interface ModuleJson {
  resources?: z.output<typeof ResourceJson>[] | undefined;
  child_modules?: ModuleJson[] | undefined;
}
const ModuleJson: z.ZodType<ModuleJson> = z.object({
  resources: z.array(ResourceJson).optional(),
  child_modules: z.array(z.lazy(() => ModuleJson)).optional(),
});

const Message = z.object({
  type: z.string(),
  "@testrun": z.string().optional(),
  "@message": z.string().optional(),
  diagnostic: z.object({ summary: z.string(), detail: z.string().optional(), severity: z.string() }).optional(),
  test_run: z.object({ progress: z.string().optional(), status: z.string().optional() }).optional(),
  test_state: z.object({ root_module: ModuleJson.optional() }).optional(),
});

/** Runs a folder's test files; the answers are kept, so that several tests can look at one run. */
export function createTestRuns(workspaceFor: (path: string) => Workspace): (path: string) => Promise<TestRuns> {
  const known = new Map<string, Promise<TestRuns>>();
  return (path) => {
    const runs = known.get(path) ?? runTests(workspaceFor(path), path);
    known.set(path, runs);
    return runs;
  };
}

async function runTests(workspace: Workspace, path: string): Promise<TestRuns> {
  const init = await workspace.terraform(path, "init", "-backend=false", "-no-color");
  if (init.code !== 0) return { runs: [], errors: [init.output] };
  return readTestRuns((await workspace.terraform(path, "test", "-json", "-verbose")).stdout);
}

/** Reads what `terraform test -json -verbose` wrote. */
function readTestRuns(stdout: string): TestRuns {
  const messages = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => Message.parse(JSON.parse(line)));
  const states = new Map(
    messages.flatMap(({ "@testrun": run, test_state: state }) =>
      run === undefined || state?.root_module === undefined ? [] : [[run, resourcesOf(state.root_module)] as const],
    ),
  );
  const runs = messages.flatMap(({ "@testrun": name, test_run: run }) =>
    name === undefined || run?.progress !== "complete" || run.status === undefined
      ? []
      : [{ name, status: run.status, resources: states.get(name) ?? [] }],
  );
  const errors = messages.flatMap(({ diagnostic }) =>
    diagnostic?.severity === "error" ? [`${diagnostic.summary}: ${diagnostic.detail ?? ""}`] : [],
  );
  return { runs, errors };
}

function resourcesOf(module: ModuleJson): Resource[] {
  const own = (module.resources ?? [])
    .filter(({ mode }) => mode === "managed")
    .map(({ address, type, values }) => ({ address, type, values }));
  return [...own, ...(module.child_modules ?? []).flatMap(resourcesOf)];
}
