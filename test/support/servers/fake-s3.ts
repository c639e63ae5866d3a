import type { IncomingMessage } from "node:http";
import { type Reply, rangeOf, reply, serveReplies, type TestServer, xml } from "./http-server.ts";
import { type Condition, createObjectTable, headersOf, metadataIn, type TableObject } from "./object-table.ts";

/**
 * The part of S3 that GenOps uses, with paths for buckets, as AWS documents it. Unlike moto it checks a condition and writes in one step.
 * Held to the same contract as moto (`test/stores`).
 */
export function startFakeS3(): Promise<TestServer> {
  const table = createObjectTable();
  const uploads = new Map<string, { metadata: Record<string, string>; parts: Map<number, Buffer> }>();

  function handle(request: IncomingMessage, body: Buffer): Reply {
    const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://s3");
    const [bucket = "", ...rest] = pathname.slice(1).split("/").map(decodeURIComponent);
    const key = rest.join("/");
    if (key === "" && request.method === "PUT") {
      table.createBucket(bucket);
      return reply(200);
    }
    if (!table.hasBucket(bucket)) return refuse(404, "NoSuchBucket");
    if (key === "") return list(bucket, query);
    const uploadId = query.get("uploadId");
    if (query.has("uploads") || uploadId !== null) return multipart(request, { bucket, key, query, body });
    if (request.method === "PUT") return put(request, { bucket, key, body });
    if (request.method === "DELETE") {
      table.delete(bucket, key);
      return reply(204);
    }
    return read(request, table.get(bucket, key));
  }

  function put(request: IncomingMessage, { bucket, key, body }: Target): Reply {
    const { "if-none-match": create, "if-match": etag } = request.headers;
    if (etag !== undefined && table.get(bucket, key) === undefined) return refuse(404, "NoSuchKey");
    const when: Condition = (current) =>
      create === "*"
        ? current === undefined
        : etag === undefined || (current !== undefined && etagOf(current) === etag);
    const written = table.put(bucket, key, { body, metadata: metadataIn(request.headers, META), when });
    if (written === undefined) return refuse(412, "PreconditionFailed");
    return reply(200, { etag: etagOf(written) });
  }

  function multipart(request: IncomingMessage, target: Target & { query: URLSearchParams }): Reply {
    const { bucket, key, body, query } = target;
    if (query.has("uploads")) {
      const id = `upload-${uploads.size + 1}`;
      uploads.set(id, { metadata: metadataIn(request.headers, META), parts: new Map() });
      return answerXml("InitiateMultipartUploadResult", `<UploadId>${id}</UploadId>`);
    }
    const id = query.get("uploadId") ?? "";
    const upload = uploads.get(id);
    if (upload === undefined) return refuse(404, "NoSuchUpload");
    if (request.method === "DELETE") {
      uploads.delete(id);
      return reply(204);
    }
    if (request.method === "PUT") {
      upload.parts.set(Number(query.get("partNumber")), body);
      return reply(200, { etag: `"part-${query.get("partNumber")}"` });
    }
    const parts = [...upload.parts].sort(([a], [b]) => a - b);
    table.put(bucket, key, { body: Buffer.concat(parts.map(([, part]) => part)), metadata: upload.metadata });
    uploads.delete(id);
    return answerXml("CompleteMultipartUploadResult", `<Key>${xml(key)}</Key>`);
  }

  function list(bucket: string, query: URLSearchParams): Reply {
    const limit = Math.min(Number(query.get("max-keys") ?? 1000), 1000);
    const after = query.get("continuation-token") ?? "";
    const { page, more } = table.page(bucket, { prefix: query.get("prefix") ?? "", after, limit });
    const contents = page.map(
      ([key, object]) =>
        `<Contents><Key>${xml(key)}</Key><Size>${object.body.length}</Size><LastModified>${object.modifiedAt.toISOString()}</LastModified><ETag>${etagOf(object)}</ETag></Contents>`,
    );
    const next = more ? `<NextContinuationToken>${xml(page.at(-1)?.[0] ?? "")}</NextContinuationToken>` : "";
    return answerXml("ListBucketResult", `<IsTruncated>${more}</IsTruncated>${next}${contents.join("")}`);
  }

  return serveReplies(handle);
}

interface Target {
  bucket: string;
  key: string;
  body: Buffer;
}

const META = "x-amz-meta-";

/** As S3's: the hash of the content, so the same content has the same tag again. */
function etagOf({ md5 }: TableObject): string {
  return `"${md5.toString("hex")}"`;
}

function read(request: IncomingMessage, object: TableObject | undefined): Reply {
  if (object === undefined) return refuse(404, "NoSuchKey");
  const { "if-match": etag, range: header } = request.headers;
  if (etag !== undefined && etag !== etagOf(object)) return refuse(412, "PreconditionFailed");
  const range = rangeOf(header, object.body.length);
  if (range === "beyond") return refuse(416, "InvalidRange");
  const headers = {
    etag: etagOf(object),
    "last-modified": object.modifiedAt.toUTCString(),
    ...headersOf(object.metadata, META),
  };
  const body = range === undefined ? object.body : object.body.subarray(range.first, range.last + 1);
  // The length of a HEAD is that of the body it does not send.
  return reply(range === undefined ? 200 : 206, headers, body);
}

function answerXml(root: string, content: string): Reply {
  return reply(200, { "content-type": "application/xml" }, `<?xml version="1.0"?><${root}>${content}</${root}>`);
}

function refuse(status: number, code: string): Reply {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
  return reply(status, { "content-type": "application/xml" }, body);
}
