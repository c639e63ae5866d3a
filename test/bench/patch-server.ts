import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createCertificate } from "../support/identity/certificate.ts";

/*
 * An API server that takes 20 ms for everything, in a process of its own. It tells its parent where it is; what is asked is not looked at
 * beyond its path.
 */

const LATENCY_MS = 20;

const resources = [{ name: "deployments", kind: "Deployment", namespaced: true }];
const answers = { discovery: JSON.stringify({ resources }), object: JSON.stringify(deployment()) };

const certificate = createCertificate();
const server = createServer(certificate, (request, response) => {
  request.resume();
  request.on("end", () => {
    const isDiscovery = request.url === "/apis/apps/v1";
    const body = isDiscovery ? answers.discovery : answers.object;
    setTimeout(() => {
      response.writeHead(200, {
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(body)),
      });
      response.end(body);
    }, LATENCY_MS);
  });
});
server.listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as AddressInfo).port, certificateAuthority: certificate.cert });
});
process.on("disconnect", () => process.exit(0));

/** About as large as a real one, with its managedFields. */
function deployment(): unknown {
  const fields = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`f:field-${index}`, { ".": {} }]));
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: "trainer",
      namespace: "ml",
      uid: "8b4b9f0e-0000-4000-8000-000000000001",
      resourceVersion: "123456",
      managedFields: [{ manager: "kubectl", operation: "Update", fieldsV1: { "f:spec": fields(60) } }],
    },
    spec: { replicas: 1, template: { spec: { containers: [{ name: "c", image: "registry.example/trainer:1" }] } } },
    status: { replicas: 1, readyReplicas: 1 },
  };
}
