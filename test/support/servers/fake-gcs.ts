import type { IncomingMessage } from "node:http";
import { CRC32C } from "@google-cloud/storage";
import { type Reply, rangeOf, reply, serveReplies, type TestServer } from "./http-server.ts";
import { type Condition, createObjectTable, type TableObject } from "./object-table.ts";

/** The part of Google Cloud Storage's JSON API that GenOps uses. Held to the same contract as fake-gcs-server (`test/stores`). */
export function startFakeGcs(): Promise<TestServer> {
  const table = createObjectTable();
  const sessions = new Map<string, Session>();

  function handle(request: IncomingMessage, body: Buffer): Reply {
    const url = new URL(request.url ?? "/", "http://gcs");
    const [, bucket = "", key = ""] = (/\/b(?:\/([^/]+))?(?:\/o(?:\/(.+))?)?$/.exec(url.pathname) ?? []).map((part) =>
      decodeURIComponent(part ?? ""),
    );
    const session = sessions.get(url.searchParams.get("upload_id") ?? "");
    if (session !== undefined) return resume(request, session, body);
    if (request.method === "POST" && bucket === "") {
      table.createBucket(String(parse(body.toString())["name"]));
      return json(200, {});
    }
    if (!table.hasBucket(bucket)) return refuse(404, "notFound", "The specified bucket does not exist.");
    if (request.method === "POST") return upload(request, { bucket, url, body });
    if (key === "") return list(bucket, url.searchParams);
    const object = pinned(table.get(bucket, key), url.searchParams);
    if (object === undefined) return refuse(404, "notFound", `No such object: ${bucket}/${key}`);
    if (request.method === "DELETE") {
      table.delete(bucket, key);
      return reply(204);
    }
    if (url.searchParams.get("alt") === "media") return read(request, object);
    return json(200, resourceOf(key, object));
  }

  function upload(request: IncomingMessage, { bucket, url, body }: { bucket: string; url: URL; body: Buffer }): Reply {
    const when = conditionOf(url.searchParams.get("ifGenerationMatch"));
    const key = url.searchParams.get("name") ?? "";
    if (url.searchParams.get("uploadType") === "resumable") {
      const metadata = metadataIn(body.length === 0 ? "{}" : body.toString());
      const id = `session-${sessions.size + 1}`;
      sessions.set(id, { bucket, key, metadata, when, parts: [] });
      const location = new URL(`${url.pathname}?upload_id=${id}`, `http://${request.headers.host}`);
      return reply(200, { location: location.href });
    }
    const [resource = Buffer.alloc(0), content = Buffer.alloc(0)] = partsOf(
      body,
      request.headers["content-type"] ?? "",
    );
    return store({ bucket, key, metadata: metadataIn(resource.toString()), when, parts: [content] });
  }

  function resume(request: IncomingMessage, session: Session, body: Buffer): Reply {
    if (session.stored !== undefined) return json(200, session.stored);
    const [, first, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(String(request.headers["content-range"])) ?? [];
    const kept = Buffer.concat(session.parts);
    if (first !== undefined) session.parts = [kept.subarray(0, Number(first)), body];
    const size = session.parts.reduce((sum, part) => sum + part.length, 0);
    if (size === Number(total)) {
      return store(session, (resource) => {
        session.stored = resource;
      });
    }
    return reply(308, size === 0 ? {} : { range: `bytes=0-${size - 1}` });
  }

  function store({ bucket, key, metadata, when, parts }: Session, keep?: (resource: object) => void): Reply {
    const written = table.put(bucket, key, { body: Buffer.concat(parts), metadata, when });
    if (written === undefined) return refuse(412, "conditionNotMet", "Precondition failed");
    keep?.(resourceOf(key, written));
    return json(200, resourceOf(key, written));
  }

  function list(bucket: string, query: URLSearchParams): Reply {
    const limit = Math.min(Number(query.get("maxResults") ?? 1000), 1000);
    const after = Buffer.from(query.get("pageToken") ?? "", "base64url").toString();
    const { page, more } = table.page(bucket, { prefix: query.get("prefix") ?? "", after, limit });
    return json(200, {
      items: page.map(([key, object]) => resourceOf(key, object)),
      ...(more ? { nextPageToken: Buffer.from(page.at(-1)?.[0] ?? "").toString("base64url") } : {}),
    });
  }

  return serveReplies(handle);
}

interface Session {
  bucket: string;
  key: string;
  metadata: Record<string, string>;
  when: Condition;
  parts: Buffer[];
  /** What it became. */
  stored?: object;
}

function conditionOf(generation: string | null): Condition {
  return (current) => generation === null || String(current?.generation ?? 0) === generation;
}

function pinned(object: TableObject | undefined, query: URLSearchParams): TableObject | undefined {
  const generation = query.get("generation");
  return generation === null || String(object?.generation) === generation ? object : undefined;
}

function resourceOf(name: string, { body, md5, generation, metadata, modifiedAt }: TableObject): object {
  return {
    name,
    size: String(body.length),
    generation: String(generation),
    metadata,
    md5Hash: md5.toString("base64"),
    crc32c: crc32cOf(body),
    updated: modifiedAt.toISOString(),
  };
}

function crc32cOf(body: Buffer): string {
  const sum = new CRC32C();
  sum.update(body);
  return sum.toString();
}

function metadataIn(resource: string): Record<string, string> {
  return (parse(resource)["metadata"] ?? {}) as Record<string, string>;
}

function parse(text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}

/** The contents of a multipart/related body. */
function partsOf(body: Buffer, contentType: string): Buffer[] {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1] ?? "";
  const text = body.toString("latin1");
  return text
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => Buffer.from(part.slice(part.indexOf("\r\n\r\n") + 4, -2), "latin1"));
}

function read(request: IncomingMessage, { body, md5, generation }: TableObject): Reply {
  const range = rangeOf(request.headers.range, body.length);
  if (range === "beyond") return refuse(416, "requestedRangeNotSatisfiable", "Request range not satisfiable");
  const headers = {
    "x-goog-generation": String(generation),
    "x-goog-hash": `crc32c=${crc32cOf(body)},md5=${md5.toString("base64")}`,
    "x-goog-stored-content-encoding": "identity",
  };
  if (range === undefined) return reply(200, headers, body);
  return reply(206, headers, body.subarray(range.first, range.last + 1));
}

function json(status: number, document: object): Reply {
  return reply(status, { "content-type": "application/json" }, JSON.stringify(document));
}

function refuse(status: number, reason: string, message: string): Reply {
  return json(status, { error: { code: status, message, errors: [{ reason, message, domain: "global" }] } });
}
