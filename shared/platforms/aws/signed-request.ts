import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AwsKeyProvider } from "../../ports/credentials.ts";

export interface SignedRequest {
  /** As AWS names it in signatures: `eks`, `budgets`. */
  service: string;
  region: string;
  keys: AwsKeyProvider;
  clock: Pick<Clock, "now">;
  url: URL;
  method?: "GET" | "POST";
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

export interface SignedAnswer {
  status: number;
  text: string;
}

const TIMEOUT_MS = 10_000;

/** One request of AWS's own protocols, signed (Signature Version 4) and sent once. Throws `unavailable` when nothing answers. */
export async function sendSigned(request: SignedRequest): Promise<SignedAnswer> {
  const { service, region, keys, clock, url, method = "GET", headers = {}, body } = request;
  const signer = new SignatureV4({ credentials: keys, region, service, sha256: Sha256 });
  const signed = await signer.sign(
    {
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host, ...headers },
      ...(body === undefined ? {} : { body }),
    },
    { signingDate: clock.now() },
  );
  const { host: _, ...sent } = signed.headers;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const answered = async () => {
    const answer = await fetch(url, { method, headers: sent, signal, ...(body === undefined ? {} : { body }) });
    return { status: answer.status, text: await answer.text() };
  };
  return answered().catch((error: unknown) => {
    throw new GenOpsError("unavailable", `${service} in ${region} does not answer: ${messageOf(error)}`, {
      cause: error,
    });
  });
}

/** The exception's name in an answer of the JSON protocols: `com.amazonaws…#AccessDeniedException` → `AccessDeniedException`. */
export function exceptionOf({ text }: SignedAnswer): { name: string; said: string } {
  const body = parse(text);
  const name = field(body, "__type") ?? field(body, "code") ?? "";
  const said = field(body, "message") ?? field(body, "Message") ?? text.slice(0, 300);
  return { name: name.split("#").at(-1)?.split(":")[0] ?? "", said };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function field(body: unknown, name: string): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const value: unknown = Reflect.get(body, name);
  return typeof value === "string" ? value : undefined;
}
