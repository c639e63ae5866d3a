import { describe, expect, it } from "vitest";
import { FUNCTIONS, list, ofType, propertiesOf, TEMPLATE } from "./support/template.ts";

const { Resources: resources } = TEMPLATE;

/** Names of resources that a value refers to. */
function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === "Ref") return [String(inner)];
    if (key === "Fn::GetAtt") return [String(list(inner as string | string[])[0]).split(".")[0] ?? ""];
    if (key === "Fn::Sub")
      return [...String(list(inner)[0]).matchAll(/\$\{([\w:]+)[\w.]*\}/g)].map(([, name]) => name ?? "");
    return referencesIn(inner);
  });
}

describe("the CloudFormation template", () => {
  it("has the four functions, each with its own package, role and sizes", () => {
    const functions = Object.fromEntries(
      ofType("AWS::Lambda::Function").map(([name, { Properties }]) => {
        const { Handler, Runtime, Architectures, Role, Timeout, MemorySize, Code } = Properties;
        const key = (Code as { S3Key: string }).S3Key.split("/").at(-1);
        return [name, { Handler, Runtime, Architectures, Role, Timeout, MemorySize, key }];
      }),
    );
    const common = { Handler: "index.handler", Runtime: "nodejs24.x", Architectures: ["x86_64"] };
    const role = (name: string) => ({ "Fn::GetAtt": [`${name}Role`, "Arn"] });
    expect(functions).toEqual({
      CollectLambdaFunction: { ...common, Role: role("Collect"), Timeout: 900, MemorySize: 3008, key: "collect.zip" },
      EvaluateLambdaFunction: {
        ...common,
        Role: role("Evaluate"),
        Timeout: 300,
        MemorySize: 2048,
        key: "evaluate.zip",
      },
      EnforceLambdaFunction: { ...common, Role: role("Enforce"), Timeout: 300, MemorySize: 2048, key: "enforce.zip" },
      AlertsLambdaFunction: { ...common, Role: role("Alerts"), Timeout: 60, MemorySize: 512, key: "alerts.zip" },
      HealthLambdaFunction: { ...common, Role: role("Health"), Timeout: 50, MemorySize: 512, key: "health.zip" },
      ApiLambdaFunction: { ...common, Role: role("Api"), Timeout: 29, MemorySize: 2048, key: "api.zip" },
    });
  });

  it("tells every function where its configuration, lake and queues are", () => {
    for (const { Environment } of propertiesOf("AWS::Lambda::Function")) {
      const { Variables } = Environment as { Variables: Record<string, unknown> };
      expect(Variables).toMatchObject({
        GENOPS_CONFIG: { "Fn::Sub": "s3://${Lake}/genops.yaml" },
        GENOPS_LAKE: { "Fn::Sub": "s3://${Lake}/lake" },
        GENOPS_QUEUE_COLLECT: { Ref: "CollectQueue" },
        GENOPS_QUEUE_EVALUATE: { Ref: "EvaluateQueue" },
        GENOPS_QUEUE_ALERTS: { Ref: "AlertsQueue" },
        GENOPS_QUEUE_ENFORCE: { Ref: "EnforceQueue" },
      });
    }
  });

  it("has schedules that send an event of ours with the id and time of the run", () => {
    const schedules = propertiesOf("AWS::Events::Rule").filter((rule) => "ScheduleExpression" in rule);
    const due = schedules.map(({ ScheduleExpression, Targets }) => {
      const [{ InputTransformer: input }] = Targets as [
        { InputTransformer: { InputTemplate: string; InputPathsMap: object } },
      ];
      expect(input.InputPathsMap).toEqual({ id: "$.id", time: "$.time" });
      const event = input.InputTemplate.replace("<id>", '"e-1"').replace("<time>", '"2026-11-22T06:00:00Z"');
      const parsed = JSON.parse(event) as { type: string; id: string; data: { task: string } };
      expect(parsed).toMatchObject({ specversion: "1.0", id: "e-1", type: "genops.schedule.due" });
      return [parsed.data.task, ScheduleExpression];
    });
    expect(Object.fromEntries(due)).toEqual({
      collect: "cron(17 0/6 * * ? *)",
      sweep: "cron(41 3 * * ? *)",
      evaluate: "cron(5 * * * ? *)",
      tell: "rate(5 minutes)",
      enforce: "rate(10 minutes)",
      health: "cron(* * * * ? *)",
    });
  });

  it("has EventBridge rules for manifests and anomalies; what they cannot deliver is kept", () => {
    const rules = propertiesOf("AWS::Events::Rule").filter((rule) => "EventPattern" in rule);
    expect(rules.map(({ EventPattern }) => EventPattern)).toEqual([
      {
        source: ["aws.s3"],
        "detail-type": ["Object Created"],
        detail: { object: { key: [{ suffix: "Manifest.json" }] } },
      },
      { source: ["aws.ce"], "detail-type": ["Anomaly Detected"] },
    ]);
    for (const { Targets } of rules) {
      const [target] = Targets as [{ DeadLetterConfig: { Arn: { "Fn::GetAtt": [string, string] } } }];
      expect(target.DeadLetterConfig.Arn["Fn::GetAtt"][0]).toMatch(/DeadLetters$/);
    }
  });

  it("is told by S3 of manifests in the bucket for exports, and by SNS of budgets", () => {
    const exports = resources["S3BucketExports"]?.Properties["NotificationConfiguration"];
    expect(exports).toEqual({
      LambdaConfigurations: [
        {
          Event: "s3:ObjectCreated:*",
          Function: { "Fn::GetAtt": ["CollectLambdaFunction", "Arn"] },
          Filter: { S3Key: { Rules: [{ Name: "suffix", Value: "Manifest.json" }] } },
        },
      ],
    });
    expect(propertiesOf("AWS::SNS::Subscription")).toMatchObject([
      { Protocol: "lambda", TopicArn: { Ref: "AlertsTopic" } },
    ]);
    const [policy] = propertiesOf("AWS::SNS::TopicPolicy");
    expect(JSON.stringify(policy)).toContain('"aws:SourceAccount":{"Ref":"AWS::AccountId"}');
  });

  it("has queues whose batches may fail in part, and which give up into dead-letter queues", () => {
    expect(
      propertiesOf("AWS::Lambda::EventSourceMapping").map(({ FunctionResponseTypes }) => FunctionResponseTypes),
    ).toEqual(Array.from({ length: 4 }, () => ["ReportBatchItemFailures"]));
    for (const name of ["Collect", "Evaluate", "Alerts", "Enforce"]) {
      const { RedrivePolicy, VisibilityTimeout } = resources[`${name}Queue`]?.Properties ?? {};
      expect(RedrivePolicy).toEqual({
        deadLetterTargetArn: { "Fn::GetAtt": [`${name}DeadLetters`, "Arn"] },
        maxReceiveCount: 5,
      });
      expect(VisibilityTimeout).toBe(6 * Number(resources[`${name}LambdaFunction`]?.Properties["Timeout"]));
      const config = resources[`${name}LambdaEvConf`]?.Properties;
      expect(config).toMatchObject({
        MaximumRetryAttempts: 2,
        DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": [`${name}DeadLetters`, "Arn"] } } },
      });
    }
  });

  it("lets nobody into the API without signing, but to health and hooks", () => {
    const routes = propertiesOf("AWS::ApiGatewayV2::Route").map(({ RouteKey, AuthorizationType }) => [
      RouteKey,
      AuthorizationType ?? "NONE",
    ]);
    expect(Object.fromEntries(routes)).toEqual({
      $default: "AWS_IAM",
      "GET /healthz": "NONE",
      "POST /hooks/{proxy+}": "NONE",
    });
  });

  it("raises an alarm about dead letters, failing functions and refused events", () => {
    const alarms = ofType("AWS::CloudWatch::Alarm").map(([name]) => name);
    expect(alarms.sort()).toEqual(
      [
        ...["Collect", "Evaluate", "Alerts", "Enforce", "Health"].flatMap((name) => [
          `${name}DeadLettersAlarm`,
          `${name}RefusedAlarm`,
        ]),
        ...FUNCTIONS.map((name) => `${name}ErrorsAlarm`),
      ].sort(),
    );
    for (const { AlarmActions, TreatMissingData } of propertiesOf("AWS::CloudWatch::Alarm")) {
      expect([AlarmActions, TreatMissingData]).toEqual([[{ Ref: "OperatorsTopic" }], "notBreaching"]);
    }
  });

  it("tags everything that GenOps is billed for", () => {
    for (const { Tags } of propertiesOf("AWS::Lambda::Function"))
      expect(Tags).toContainEqual({ Key: "genops-component", Value: "functions" });
  });
});

describe("the template as CloudFormation reads it", () => {
  const pseudo = /^AWS::/;

  it("refers to nothing that is not there", () => {
    const unknown = Object.entries(resources).flatMap(([name, { Properties, DependsOn }]) =>
      [...referencesIn(Properties), ...list(DependsOn ?? [])]
        .filter((target) => resources[target] === undefined && !pseudo.test(target))
        .map((target) => `${name} → ${target}`),
    );
    expect(unknown).toEqual([]);
  });

  it("has no circle: every resource can be made after those that it needs", () => {
    const made = new Set<string>();
    let rest = Object.entries(resources);
    for (let before = -1; before !== rest.length; ) {
      before = rest.length;
      rest = rest.filter(([name, { Properties, DependsOn }]) => {
        const needs = [...referencesIn(Properties), ...list(DependsOn ?? [])].filter((each) => each in resources);
        const ready = needs.every((each) => made.has(each));
        if (ready) made.add(name);
        return !ready;
      });
    }
    expect(rest.map(([name]) => name)).toEqual([]);
  });
});
