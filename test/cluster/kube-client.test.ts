import { inject } from "vitest";
import { kubeClientContract } from "./suites/kube-client.ts";
import { poll } from "./target.ts";

for (const [cloud, { name, provider, server, ca, tokens }] of Object.entries(inject("clusters"))) {
  kubeClientContract(`the ${cloud} control plane`, () => ({
    name,
    provider,
    server,
    certificateAuthority: ca,
    tokens,
    eventually: poll,
  }));
}
