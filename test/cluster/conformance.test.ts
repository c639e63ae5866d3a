import { inject } from "vitest";
import { describeConformance } from "./suites/conformance.ts";
import { poll } from "./target.ts";

for (const [cloud, { name, provider, server, ca, tokens }] of Object.entries(inject("clusters"))) {
  describeConformance(`${cloud} control plane`, () => ({
    name,
    provider,
    server,
    certificateAuthority: ca,
    tokens,
    eventually: poll,
  }));
}
