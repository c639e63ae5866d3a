import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { readJson, readText, root } from "../../unit/repository/repository-files.ts";
import { readTerraform, type TerraformFolder } from "../support/hcl.ts";

/** The parts of serverless.yml that Terraform says in its own words. */
const Serverless = z.object({
  params: z.object({ default: z.object({ artifacts: z.string() }) }),
  provider: z.object({ environment: z.record(z.string(), z.unknown()) }),
  functions: z.record(
    z.string(),
    z.object({
      memorySize: z.number(),
      timeout: z.number(),
      ephemeralStorageSize: z.number().default(512),
      package: z.object({ artifact: z.string() }),
      events: z.array(z.record(z.string(), z.unknown())),
    }),
  ),
});

const Aws = z.object({
  functions: z.record(z.string(), z.object({ memory: z.number(), timeout: z.number(), storage: z.number() })),
  queues: z.record(z.string(), z.object({ batch: z.number(), concurrency: z.number() })),
  schedules: z.record(z.string(), z.object({ function: z.string(), expression: z.string() })),
});

const Gcp = z.object({
  functions: z.record(z.string(), z.object({ timeout: z.number() })),
  schedules: z.record(z.string(), z.object({ function: z.string(), cron: z.string() })),
});

const serverless = Serverless.parse(parse(readText("serverless.yml"), { logLevel: "silent" }));

let folders: ReadonlyMap<string, TerraformFolder>;
let aws: z.output<typeof Aws>;
let gcp: z.output<typeof Gcp>;

beforeAll(async () => {
  folders = await readTerraform();
  aws = Aws.parse(folders.get("modules/aws")?.locals);
  gcp = Gcp.parse(folders.get("modules/gcp")?.locals);
});

const FUNCTIONS = ["alerts", "api", "collect", "enforce", "evaluate", "health"];

describe("functions", () => {
  it("are the same ones in every cloud", () => {
    for (const cloud of ["aws", "azure", "gcp"]) {
      const files = readdirSync(join(root, "functions", cloud)).filter((name) => name.endsWith(".ts"));
      expect(files.sort(), cloud).toEqual(FUNCTIONS.map((name) => `${name}.ts`));
    }
    expect(Object.keys(aws.functions).sort()).toEqual(FUNCTIONS);
    expect(Object.keys(gcp.functions).sort()).toEqual(FUNCTIONS);
    expect(Object.keys(serverless.functions).sort()).toEqual(FUNCTIONS);
  });

  it.each(FUNCTIONS)("%s is on AWS as serverless.yml has it: memory, time, storage, and the same zip", (name) => {
    const wanted = serverless.functions[name];
    expect(aws.functions[name]).toEqual({
      memory: wanted?.memorySize,
      timeout: wanted?.timeout,
      storage: wanted?.ephemeralStorageSize,
    });
    expect(wanted?.package.artifact).toBe(`\${param:artifacts}/${name}.zip`);
    expect(serverless.params.default.artifacts).toBe("dist/aws");
  });

  it("have the same environment on AWS, whichever way they are deployed", () => {
    const names = [...(folders.get("modules/aws")?.text.matchAll(/\b(GENOPS_[A-Z_]+|OTEL_[A-Z_]+)\b/g) ?? [])];
    const ofTerraform = new Set(names.map(([, name]) => name ?? ""));
    // Only a deployment of several clouds has a home beside the primary lake.
    ofTerraform.delete("GENOPS_HOME");
    expect([...ofTerraform].sort()).toEqual(Object.keys(serverless.provider.environment).sort());
  });

  it("carry the tag by which GenOps finds its own costs in the bill", () => {
    for (const cloud of ["aws", "azure", "gcp"]) {
      expect(folders.get(`modules/${cloud}`)?.text, cloud).toContain('genops-component = "functions"');
    }
    expect(readText("serverless.yml")).toContain("genops-component: functions");
  });

  it("have all the time that what calls them gives, and no more", () => {
    // SQS waits six times as long, Pub/Sub 600 s at most, an HTTP API 30 s.
    expect(folders.get("modules/aws")?.text).toContain("6 * local.functions[each.key].timeout");
    expect(aws.functions["api"]?.timeout).toBeLessThan(30);
    for (const name of FUNCTIONS) expect(gcp.functions[name]?.timeout).toBeLessThan(600);
  });
});

describe("schedules", () => {
  it("are the same in every cloud and in serverless.yml", () => {
    const wanted = {
      collect: "17 */6",
      sweep: "41 3",
      evaluate: "5 *",
      tell: "*/5 *",
      enforce: "*/10 *",
      health: "* *",
    };
    const byTask = <T>(schedules: Record<string, T>, read: (schedule: T) => string) =>
      Object.fromEntries(Object.entries(schedules).map(([task, schedule]) => [task, read(schedule)]));
    expect(byTask(aws.schedules, ({ expression }) => ofAws(expression))).toEqual(wanted);
    expect(byTask(gcp.schedules, ({ cron }) => minuteAndHour(cron))).toEqual(wanted);
    expect(ofAzure()).toEqual(wanted);
    expect(ofServerless()).toEqual(wanted);
  });

  it("start the same functions on AWS and Google Cloud", () => {
    const functions = (schedules: Record<string, { function: string }>) =>
      Object.fromEntries(Object.entries(schedules).map(([task, schedule]) => [task, schedule.function]));
    expect(functions(aws.schedules)).toEqual(functions(gcp.schedules));
  });
});

describe("queues", () => {
  it("hand over as many messages at once as serverless.yml says", () => {
    const wanted = Object.entries(serverless.functions).flatMap(([name, { events }]) =>
      events.flatMap(({ sqs }) => {
        const queue = z.object({ batchSize: z.number(), functionResponseType: z.string() }).safeParse(sqs);
        return queue.success ? [[name, queue.data] as const] : [];
      }),
    );
    expect(wanted.map(([name]) => name).sort()).toEqual(Object.keys(aws.queues).sort());
    for (const [name, { batchSize, functionResponseType }] of wanted) {
      expect(aws.queues[name]?.batch).toBe(batchSize);
      expect(functionResponseType).toBe("ReportBatchItemFailures");
    }
    expect(folders.get("modules/aws")?.text).toContain('function_response_types = ["ReportBatchItemFailures"]');
  });

  it("give a message up after five tries, everywhere", () => {
    const host = z.object({ extensions: z.object({ queues: z.object({ maxDequeueCount: z.number() }) }) });
    expect(host.parse(readJson("functions/azure/host.json")).extensions.queues.maxDequeueCount).toBe(5);
    expect(folders.get("modules/aws")?.text).toMatch(/maxReceiveCount\s*= 5\b/);
    expect(folders.get("modules/gcp")?.text).toMatch(/max_delivery_attempts\s*= 5\b/);
    expect(readText("functions/aws/cloudformation/storage.yml").match(/maxReceiveCount: 5\b/g)).toHaveLength(4);
  });
});

describe("triggers", () => {
  it("of Event Grid name the function that the app registers", () => {
    expect(folders.get("modules/azure")?.text).toContain("/functions/collect-blob");
    expect(readText("shared/platforms/azure/functions/app.ts")).toContain("app.eventGrid(`${functionName}-blob`");
    expect(readText("functions/azure/collect.ts")).toContain("blobs: true");
  });

  it("of the API are open for the same routes on AWS, whichever way it is deployed", () => {
    const open = (serverless.functions["api"]?.events ?? []).flatMap(({ httpApi }) =>
      typeof httpApi === "string" ? [httpApi] : [],
    );
    const route = folders.get("modules/aws")?.resources.get("aws_apigatewayv2_route.open");
    expect(open.length).toBeGreaterThan(0);
    expect(open.every((each) => String(route?.["for_each"]).includes(`"${each}"`))).toBe(true);
    expect(String(route?.["for_each"]).match(/"[A-Z]+ /g)).toHaveLength(open.length);
  });

  it("for manifests look for the same names on AWS, whichever way it is deployed", () => {
    expect(folders.get("modules/aws")?.text).toContain('suffix = "Manifest.json"');
    expect(readText("serverless.yml")).toContain("suffix: Manifest.json");
  });
});

/** Minute and hour of a cron expression that is for each day. */
function minuteAndHour(cron: string): string {
  const [minute, hour, ...days] = cron.split(" ");
  expect(days).toEqual(["*", "*", "*"]);
  return `${minute} ${hour}`;
}

function ofAws(expression: string): string {
  const rate = /^rate\((\d+) minutes\)$/.exec(expression)?.[1];
  if (rate !== undefined) return `*/${rate} *`;
  const [minute, hour, ...days] = expression.replace(/^cron\(|\)$/g, "").split(" ");
  expect(days).toEqual(["*", "*", "?", "*"]);
  return `${minute} ${hour?.replace(/^0\//, "*/")}`;
}

/** The six fields of NCRONTAB begin with seconds. */
function ofAzure(): Record<string, string> {
  const text = ["collect", "evaluate", "enforce", "health"]
    .map((name) => readText(`functions/azure/${name}.ts`))
    .join("\n");
  return Object.fromEntries(
    [...text.matchAll(/(\w+): "0 ([^"]+)"/g)].map(([, task = "", cron = ""]) => [task, minuteAndHour(cron)]),
  );
}

function ofServerless(): Record<string, string> {
  const Schedule = z.object({ rate: z.array(z.string()), inputTransformer: z.object({ inputTemplate: z.string() }) });
  const schedules = Object.values(serverless.functions).flatMap(({ events }) =>
    events.flatMap(({ schedule }) => (schedule === undefined ? [] : [Schedule.parse(schedule)])),
  );
  return Object.fromEntries(
    schedules.map(({ rate, inputTransformer }) => [
      /"task":"(\w+)"/.exec(inputTransformer.inputTemplate)?.[1] ?? "",
      ofAws(rate[0] ?? ""),
    ]),
  );
}
