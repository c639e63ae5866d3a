import { afterEach, describe, expect, it } from "vitest";
import { simulateRight } from "../../../../shared/platforms/aws/simulate-rights.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { type Asked, type Reply, serve, type TestServer } from "../../../support/identity/server.ts";

const clock = createFakeClock("2026-11-22T06:00:00.000Z");
const running: TestServer[] = [];
afterEach(() => Promise.all(running.splice(0).map((each) => each.close())));

const xml = (status: number, inner: string): Reply => ({ status, body: `<R>${inner}</R>` });

async function simulated(caller: Reply, decision: Reply, region = "us-east-1") {
  const answer = ({ body }: Asked) => (body.includes("Action=GetCallerIdentity") ? caller : decision);
  const server = await serve(answer);
  running.push(server);
  const keys = async () => ({ accessKeyId: "AKID", secretAccessKey: "x" });
  const urls = { sts: server.url, iam: server.url };
  const result = await simulateRight({ region, keys, clock, urls }, "eks:UpdateNodegroupConfig", "arn:x");
  return { result, asked: server.asked };
}

const SESSION = xml(200, "<Arn>arn:aws-cn:sts::123456789012:assumed-role/genops/session</Arn>");
const ALLOWED = xml(200, "<EvalDecision>allowed</EvalDecision>");

describe("a simulated right", () => {
  it("is asked for the role behind a session, signed for IAM's region of the partition", async () => {
    const { result, asked } = await simulated(SESSION, ALLOWED, "cn-northwest-1");
    expect(result).toEqual({ outcome: "allowed" });
    const [sts, iam] = asked;
    expect(sts?.headers["authorization"]).toContain("/cn-northwest-1/sts/");
    expect(iam?.headers["authorization"]).toContain("/cn-north-1/iam/");
    expect(new URLSearchParams(iam?.body).get("PolicySourceArn")).toBe("arn:aws-cn:iam::123456789012:role/genops");
  });

  it("is asked for a user as it is, and in GovCloud there", async () => {
    const user = "arn:aws-us-gov:iam::123456789012:user/ann";
    const { result, asked } = await simulated(
      xml(200, `<Arn>${user}</Arn>`),
      xml(200, "<EvalDecision>explicitDeny</EvalDecision>"),
      "us-gov-east-1",
    );
    expect(result).toEqual({
      outcome: "denied",
      detail: `${user} may not eks:UpdateNodegroupConfig on arn:x (explicitDeny)`,
    });
    expect(asked[1]?.headers["authorization"]).toContain("/us-gov-west-1/iam/");
  });

  it.each([
    ["STS", xml(403, "<Message>who are you</Message>"), ALLOWED, /STS does not say who asks: 403 who are you/],
    ["IAM", SESSION, xml(404, "<Message>no such role</Message>"), /SimulatePrincipalPolicy: 404 no such role/],
  ])("is unknown where %s does not tell", async (_, caller, decision, detail) => {
    const { result } = await simulated(caller, decision);
    expect(result).toEqual({ outcome: "unknown", detail: expect.stringMatching(detail) as string });
  });

  it("is unknown where nothing answers", async () => {
    const server = await serve(() => ALLOWED);
    await server.close();
    const keys = async () => ({ accessKeyId: "AKID", secretAccessKey: "x" });
    const urls = { sts: server.url, iam: server.url };
    const result = await simulateRight({ region: "eu-central-1", keys, clock, urls }, "a:B", "*");
    expect(result).toMatchObject({ outcome: "unknown", detail: expect.stringContaining("does not answer") as string });
  });
});
