import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createFolders } from "../../../support/collect-deps.ts";
import { serveAwsSts } from "../../../support/identity/aws.ts";
import { startTwoClouds } from "../../../support/identity/two-clouds.ts";
import { genops } from "./cli-support.ts";

const folders = createFolders();
afterAll(() => folders.clean());

async function doctor(yaml: string, environment: Readonly<Record<string, string>>, ...args: string[]) {
  const folder = await folders.make();
  await writeFile(path.join(folder, "genops.yaml"), yaml);
  const nothing = { HOME: folder, AWS_EC2_METADATA_DISABLED: "true", AWS_ACCESS_KEY_ID: "", AWS_PROFILE: "" };
  return genops(folder, ["doctor", ...args], { ...nothing, ...environment });
}

describe("genops doctor", () => {
  const role = "arn:aws:iam::123456789012:role/genops";
  const lake = `lakes: { other: { location: 's3://b/p' } }\ncredentials: { aws: { roleArn: "${role}", audience: "api://genops" } }\n`;

  it("says which right is missing and how to give it, and exits with 1", async () => {
    const { code, stdout } = await doctor(lake, {});
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗\s+identity in aws/);
    expect(stdout).toMatch(/–\s+lake other\s+not checked/);
    expect(stdout).toContain(
      "identity in aws: missing an identity in AWS. Grant it:\n  in AWS: give the function a role;",
    );
  });

  it("gives the same as JSON", async () => {
    const { json } = await doctor(lake, {}, "--format", "json");
    expect(json()).toMatchObject({
      checks: [
        { what: "configuration", ok: true },
        { what: "credentials.aws", ok: true, checked: false },
        { what: "identity in aws", ok: false, missing: "an identity in AWS" },
        { what: "lake", ok: true },
        { what: "lake other", ok: true, checked: false },
        { what: "notifications", ok: true },
      ],
    });
  });

  it("refuses a long-lived key in the environment, unless the configuration accepts it", async () => {
    const key = { secretAccessKey: "hush", arn: "arn:aws:iam::1:user/me", role: "" };
    const sts = await serveAwsSts({ sessions: { AKIAIOSFODNN7EXAMPLE: key } });
    const environment = {
      AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
      AWS_SECRET_ACCESS_KEY: "hush",
      AWS_ENDPOINT_URL_STS: sts.url,
    };
    try {
      const refused = await doctor(lake, environment, "--format", "json");
      expect([refused.code, refused.stdout]).toEqual([
        1,
        expect.stringContaining("AWS_ACCESS_KEY_ID (an AWS access key)"),
      ]);
      const accepted = await doctor(`${lake}allowStaticCredentials: true\n`, environment);
      expect(accepted.code).toBe(0);
      expect(accepted.stdout).toMatch(/static credentials\s+accepted, for development only; found: AWS_ACCESS_KEY_ID/);
      expect(refused.stdout + accepted.stdout).not.toContain("hush");
    } finally {
      await sts.close();
    }
  });

  it("makes the exchange on a machine of a cloud, when it is told which one", async () => {
    const clouds = await startTwoClouds({ home: "gcp", target: "aws" });
    try {
      const { code, json } = await doctor(lake, { GENOPS_CLOUD: "gcp" }, "--format", "json");
      expect(json()).toMatchObject({
        checks: expect.arrayContaining([
          { what: "identity: gcp → aws", ok: true, detail: expect.stringContaining("assumed-role/genops") as string },
        ]) as unknown,
      });
      expect(code).toBe(0);
    } finally {
      await clouds.close();
    }
    expect((await doctor(lake, { GENOPS_CLOUD: "oracle" })).code).toBe(2);
  });
});
