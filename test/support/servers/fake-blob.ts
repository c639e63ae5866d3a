import type { IncomingMessage } from "node:http";
import { type Reply, rangeOf, reply, serveReplies, type TestServer, xml } from "./http-server.ts";
import { type Condition, createObjectTable, headersOf, metadataIn, type TableObject } from "./object-table.ts";

/** The part of Azure Blob Storage that GenOps uses, with the account in the path. Held to the same contract as Azurite (`test/stores`). */
export function startFakeBlob(): Promise<TestServer> {
  const table = createObjectTable();
  const blocks = new Map<string, Buffer>();

  function handle(request: IncomingMessage, body: Buffer): Reply {
    const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://blob");
    const [, container = "", ...rest] = pathname.slice(1).split("/").map(decodeURIComponent);
    const key = rest.join("/");
    if (query.get("restype") === "container" && request.method === "PUT") {
      table.createBucket(container);
      return reply(201);
    }
    if (!table.hasBucket(container)) return refuse(404, "ContainerNotFound");
    if (query.get("comp") === "list") return list(container, query);
    if (request.method === "PUT") return put(request, { container, key, query, body });
    if (request.method === "DELETE") {
      return table.delete(container, key) ? reply(202) : refuse(404, "BlobNotFound");
    }
    return read(request, table.get(container, key));
  }

  function put(
    request: IncomingMessage,
    { container, key, query, body }: { container: string; key: string; query: URLSearchParams; body: Buffer },
  ): Reply {
    const blockOf = (id: string) => `${container}/${key}/${id}`;
    if (query.get("comp") === "block") {
      blocks.set(blockOf(query.get("blockid") ?? ""), body);
      return reply(201);
    }
    const ids = [...body.toString().matchAll(/<Latest>([^<]*)<\/Latest>/g)].map(([, id = ""]) => id);
    const whole =
      query.get("comp") === "blocklist"
        ? Buffer.concat(ids.map((id) => blocks.get(blockOf(id)) ?? Buffer.alloc(0)))
        : body;
    const { "if-none-match": create, "if-match": etag } = request.headers;
    const when: Condition = (current) =>
      create === "*"
        ? current === undefined
        : etag === undefined || (current !== undefined && etagOf(current) === etag);
    const written = table.put(container, key, { body: whole, metadata: metadataIn(request.headers, META), when });
    if (written !== undefined) return reply(201, { etag: etagOf(written) });
    return create === "*" ? refuse(409, "BlobAlreadyExists") : refuse(412, "ConditionNotMet");
  }

  function list(container: string, query: URLSearchParams): Reply {
    const limit = Math.min(Number(query.get("maxresults") ?? 5000), 5000);
    const after = query.get("marker") ?? "";
    const { page, more } = table.page(container, { prefix: query.get("prefix") ?? "", after, limit });
    const blobs = page.map(([key, object]) => {
      const metadata = Object.entries(object.metadata).map(([name, value]) => `<${name}>${xml(value)}</${name}>`);
      return `<Blob><Name>${xml(key)}</Name><Properties><Last-Modified>${object.modifiedAt.toUTCString()}</Last-Modified><Etag>${etagOf(object)}</Etag><Content-Length>${object.body.length}</Content-Length><BlobType>BlockBlob</BlobType></Properties><Metadata>${metadata.join("")}</Metadata></Blob>`;
    });
    const next = more ? xml(page.at(-1)?.[0] ?? "") : "";
    const content = `<EnumerationResults ServiceEndpoint="http://blob/" ContainerName="${xml(container)}"><Blobs>${blobs.join("")}</Blobs><NextMarker>${next}</NextMarker></EnumerationResults>`;
    return reply(200, { "content-type": "application/xml" }, `<?xml version="1.0"?>${content}`);
  }

  return serveReplies(handle);
}

const META = "x-ms-meta-";

function etagOf({ generation }: TableObject): string {
  return `"0x${generation.toString(16).toUpperCase()}"`;
}

function read(request: IncomingMessage, object: TableObject | undefined): Reply {
  if (object === undefined) return refuse(404, "BlobNotFound");
  const { "if-match": etag, "x-ms-range": header } = request.headers;
  if (etag !== undefined && etag !== etagOf(object)) return refuse(412, "ConditionNotMet");
  const range = rangeOf(header?.toString(), object.body.length);
  if (range === "beyond") return refuse(416, "InvalidRange");
  const headers = {
    etag: etagOf(object),
    "last-modified": object.modifiedAt.toUTCString(),
    "x-ms-blob-type": "BlockBlob",
    ...headersOf(object.metadata, META),
  };
  if (range === undefined) return reply(200, headers, object.body);
  const part = `bytes ${range.first}-${range.last}/${object.body.length}`;
  return reply(206, { ...headers, "content-range": part }, object.body.subarray(range.first, range.last + 1));
}

function refuse(status: number, code: string): Reply {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
  return reply(status, { "x-ms-error-code": code, "content-type": "application/xml" }, body);
}
