import { createHash, createHmac } from "node:crypto";

/** A request as AWS reads it: signed by its `Authorization` header, or presigned in its query. */
export interface SignedRequest {
  method: string;
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface KnownKey {
  secretAccessKey: string;
  sessionToken?: string;
}

/** `undefined`: the signature is right. Else what AWS would call the fault. */
export type SignatureFault =
  | "MissingAuthenticationToken"
  | "InvalidClientTokenId"
  | "SignatureDoesNotMatch"
  | "Expired";

const MOST_SKEW_MS = 15 * 60_000;

/** Checks Signature Version 4 by its written rules, without any of the code that signs. */
export function checkSignature(
  request: SignedRequest,
  keys: Readonly<Record<string, KnownKey>>,
  now: Date,
): { fault: SignatureFault } | { fault: undefined; accessKeyId: string } {
  const claim = readClaim(request);
  if (claim === undefined) return { fault: "MissingAuthenticationToken" };
  const [accessKeyId = "", ...scope] = claim.credential.split("/");
  const key = keys[accessKeyId];
  if (key === undefined || key.sessionToken !== claim.sessionToken) return { fault: "InvalidClientTokenId" };
  if (Math.abs(now.getTime() - instant(claim.date).getTime()) > MOST_SKEW_MS) return { fault: "Expired" };
  const text = ["AWS4-HMAC-SHA256", claim.date, scope.join("/"), sha256(canonicalRequest(request, claim))].join("\n");
  const signingKey = scope.reduce((last: Buffer, part) => hmac(last, part), Buffer.from(`AWS4${key.secretAccessKey}`));
  if (hmac(signingKey, text).toString("hex") !== claim.signature) return { fault: "SignatureDoesNotMatch" };
  return { fault: undefined, accessKeyId };
}

interface Claim {
  credential: string;
  signedHeaders: string[];
  signature: string;
  date: string;
  sessionToken: string | undefined;
  presigned: boolean;
}

function readClaim({ url, headers }: SignedRequest): Claim | undefined {
  const query = (name: string) => url.searchParams.get(name) ?? undefined;
  const presigned = query("X-Amz-Signature");
  if (presigned !== undefined) {
    return {
      credential: query("X-Amz-Credential") ?? "",
      signedHeaders: (query("X-Amz-SignedHeaders") ?? "").split(";"),
      signature: presigned,
      date: query("X-Amz-Date") ?? "",
      sessionToken: query("X-Amz-Security-Token"),
      presigned: true,
    };
  }
  const match = /Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]+)/.exec(
    headers["authorization"] ?? "",
  );
  if (match === null) return undefined;
  return {
    credential: match[1] ?? "",
    signedHeaders: (match[2] ?? "").split(";"),
    signature: match[3] ?? "",
    date: headers["x-amz-date"] ?? "",
    sessionToken: headers["x-amz-security-token"],
    presigned: false,
  };
}

function canonicalRequest({ method, url, headers, body }: SignedRequest, { signedHeaders, presigned }: Claim): string {
  const query = [...url.searchParams]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort();
  const lines = signedHeaders.map((name) => `${name}:${(headers[name] ?? "").trim()}`);
  return [
    method,
    url.pathname,
    query.join("&"),
    ...lines,
    "",
    signedHeaders.join(";"),
    sha256(presigned ? "" : body),
  ].join("\n");
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function instant(date: string): Date {
  return new Date(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
