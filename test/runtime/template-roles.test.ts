import { describe, expect, it } from "vitest";
import { FUNCTIONS, list, ofType, propertiesOf, TEMPLATE } from "./support/template.ts";

interface Statement {
  Sid: string;
  Effect: string;
  Action: string | string[];
  Resource: unknown;
}

const { Resources: resources, Conditions: conditions } = TEMPLATE;

function statementsOf(role: string): Statement[] {
  const policies = resources[role]?.Properties["Policies"] as { PolicyDocument: { Statement: Statement[] } }[];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

describe("the roles of the functions", () => {
  const allowed = (role: string) =>
    Object.fromEntries(statementsOf(role).map(({ Sid, Action }) => [Sid, list(Action).sort()]));
  const everyone = {
    Logs: ["logs:CreateLogStream", "logs:PutLogEvents"],
    LakeList: ["s3:ListBucket"],
    LakeRead: ["s3:GetObject"],
    LakeWrite: ["s3:PutObject"],
    Secrets: ["ssm:GetParameters"],
  };
  const lakeDelete = ["s3:AbortMultipartUpload", "s3:DeleteObject"];
  const lakeForget = ["s3:DeleteObject"];
  const receive = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
  const send = ["sqs:SendMessage"];

  it("are one per function, and only Lambda takes them", () => {
    expect(
      ofType("AWS::IAM::Role")
        .map(([name]) => name)
        .sort(),
    ).toEqual(FUNCTIONS.map((name) => `${name}Role`).sort());
    for (const { AssumeRolePolicyDocument } of propertiesOf("AWS::IAM::Role"))
      expect(JSON.stringify(AssumeRolePolicyDocument)).toContain('"Principal":{"Service":"lambda.amazonaws.com"}');
  });

  it("allow what each function does, and nothing else", () => {
    expect(allowed("CollectRole")).toEqual({
      ...everyone,
      LakeDelete: lakeDelete,
      ExportsList: ["s3:ListBucket"],
      ExportsRead: ["s3:GetObject"],
      Receive: receive,
      Send: send,
      Bury: send,
    });
    expect(allowed("EvaluateRole")).toEqual({
      ...everyone,
      LakeDelete: lakeDelete,
      Receive: receive,
      Send: send,
      Bury: send,
    });
    expect(allowed("EnforceRole")).toEqual({
      ...everyone,
      LakeForget: lakeForget,
      Receive: receive,
      Send: send,
      Bury: send,
    });
    expect(allowed("HealthRole")).toEqual({ ...everyone, LakeForget: lakeForget, Bury: send });
    expect(allowed("AlertsRole")).toEqual({ ...everyone, LakeForget: lakeForget, Receive: receive, Bury: send });
    expect(allowed("ApiRole")).toEqual({ ...everyone, LakeForget: lakeForget, Send: send });
  });

  it("write the lake and not the configuration beside it, and send to nobody but those who listen", () => {
    const resourcesOf = (role: string, sid: string) =>
      statementsOf(role)
        .filter(({ Sid }) => Sid === sid)
        .flatMap(({ Resource: resource }) => list(resource).map((each) => JSON.stringify(each)));
    for (const name of FUNCTIONS)
      expect(resourcesOf(`${name}Role`, "LakeWrite")).toEqual(['{"Fn::Sub":"${Lake.Arn}/lake/*"}']);
    for (const name of ["Enforce", "Alerts", "Health", "Api"])
      expect(resourcesOf(`${name}Role`, "LakeForget")).toEqual([
        '{"Fn::Sub":"${Lake.Arn}/lake/alerts/*"}',
        '{"Fn::Sub":"${Lake.Arn}/lake/outbox/*"}',
      ]);
    expect(resourcesOf("ApiRole", "Send")).toEqual([
      '{"Fn::GetAtt":["AlertsQueue","Arn"]}',
      '{"Fn::GetAtt":["EnforceQueue","Arn"]}',
    ]);
    for (const name of ["Evaluate", "Enforce"])
      expect(resourcesOf(`${name}Role`, "Send")).toEqual(['{"Fn::GetAtt":["EnforceQueue","Arn"]}']);
  });

  it("name actions one by one, and resources but for three patterns: objects of a bucket, secrets, streams of the function's own log", () => {
    const statements = FUNCTIONS.flatMap((name) => statementsOf(`${name}Role`));
    expect(statements.flatMap(({ Action }) => list(Action)).filter((action) => action.includes("*"))).toEqual([]);
    const patterns = statements.flatMap(({ Sid, Resource: resource }) =>
      list(resource)
        .map((each) => JSON.stringify(each))
        .filter((each) => each.includes("*"))
        .map((each) => [Sid, each.replace(/^.*?([^:"/]*[:/]\*)"\}$/, "$1")]),
    );
    const kinds = new Set(patterns.map(([sid, tail]) => `${sid} ${tail}`));
    expect([...kinds].sort()).toEqual(
      [
        "ExportsRead genops-exports-prod/*",
        "LakeDelete lake/*",
        "LakeForget alerts/*",
        "LakeForget outbox/*",
        "LakeRead ${Lake.Arn}/*",
        "LakeWrite lake/*",
        "Logs genops-prod-alerts:*",
        "Logs genops-prod-api:*",
        "Logs genops-prod-collect:*",
        "Logs genops-prod-enforce:*",
        "Logs genops-prod-evaluate:*",
        "Logs genops-prod-health:*",
        "Secrets genops/*",
      ].sort(),
    );
  });

  it("find one EKS cluster, only where it is named", () => {
    expect(resources["EksCluster"]).toMatchObject({ Condition: "UseEks" });
    expect(JSON.stringify(resources["EksCluster"])).toContain('"Action":"eks:DescribeCluster"');
    expect(conditions["UseEks"]).toEqual({ "Fn::Not": [{ "Fn::Equals": ["", ""] }] });
  });

  it("reach Cost Explorer, which knows no resources, only where it is asked for", () => {
    expect(resources["CollectCostExplorer"]).toMatchObject({ Condition: "UseCostExplorer" });
    expect(JSON.stringify(resources["CollectCostExplorer"])).toContain('"Action":"ce:GetCostAndUsage","Resource":"*"');
    expect(conditions["UseCostExplorer"]).toEqual({ "Fn::Equals": ["false", "true"] });
  });
});
