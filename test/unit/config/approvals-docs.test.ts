import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SignIn } from "../../../shared/config/sign-in.ts";
import { parse } from "./parse.ts";

const PAGE = readFileSync(new URL("../../../docs/approvals.md", import.meta.url), "utf8");
const SECRETS = { "secret:SLACK_TOKEN": "xoxb-1", "secret:SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef" };

describe("docs/approvals.md", () => {
  const examples = [...PAGE.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, block = ""]) => block);

  it.each(examples)("has an example that can be read: %s", (example) => {
    expect(parse(example, SECRETS).signIn?.issuer).toMatch(/^https:/);
  });

  it("names every key of signIn", () => {
    expect(Object.keys(SignIn.shape).filter((key) => !PAGE.includes(`\`${key}`))).toEqual([]);
  });
});
