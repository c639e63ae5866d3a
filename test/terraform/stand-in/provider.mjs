// Stands in for a Terraform provider whose program is not there: it knows the provider's schema (names, types, what is required) and nothing else.
// That is all that `terraform validate` and `terraform test` with `mock_provider` ask for; rules about values are not checked.
// It speaks Terraform's plugin protocol 5 (gRPC over HTTP/2 without TLS, so TF_DISABLE_PLUGIN_TLS has to be set).
import { readFileSync } from "node:fs";
import { createServer } from "node:http2";
import { schemaMessage } from "./schema-message.mjs";

const OK = 0;
const UNIMPLEMENTED = 12;
const NOTHING = Buffer.alloc(0);

const schema = schemaMessage(JSON.parse(readFileSync(String(process.argv[2]), "utf8")));

/** @type {Record<string, (request: Buffer) => Buffer>} */
const ANSWERS = {
  "/grpc.health.v1.Health/Check": () => Buffer.from([0x08, 0x01]),
  "/plugin.GRPCController/Shutdown": () => {
    setImmediate(() => process.exit(0));
    return NOTHING;
  },
  "/tfplugin5.Provider/GetSchema": () => schema,
  // The answer's one field is the request's one field.
  "/tfplugin5.Provider/PrepareProviderConfig": (request) => request,
  "/tfplugin5.Provider/ValidateResourceTypeConfig": () => NOTHING,
  "/tfplugin5.Provider/ValidateDataSourceConfig": () => NOTHING,
  "/tfplugin5.Provider/Stop": () => NOTHING,
};

const server = createServer();

server.on("stream", (stream, headers) => {
  const path = String(headers[":path"]);
  stream.on("error", () => {});
  if (path === "/plugin.GRPCBroker/StartStream") {
    stream.respond({ ":status": 200, "content-type": "application/grpc" });
    return;
  }
  /** @type {Buffer[]} */
  const chunks = [];
  stream.on("data", (chunk) => chunks.push(Buffer.from(chunk)));
  stream.on("end", () => answer(stream, ANSWERS[path], Buffer.concat(chunks).subarray(5)));
});

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  process.stdout.write(`1|5|tcp|127.0.0.1:${port}|grpc\n`);
});

// A killed Terraform cannot say goodbye.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(0);
}, 1000).unref();

/**
 * @param {import("node:http2").ServerHttp2Stream} stream
 * @param {((request: Buffer) => Buffer) | undefined} respond
 * @param {Buffer} request
 */
function answer(stream, respond, request) {
  const status = respond === undefined ? UNIMPLEMENTED : OK;
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": String(status) }));
  if (respond === undefined) {
    stream.end();
    return;
  }
  const body = respond(request);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(body.length, 1);
  stream.end(Buffer.concat([prefix, body]));
}
