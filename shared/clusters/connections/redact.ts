const BEARER = /\bBearer\s+[\w\-.~+/=]+/gi;
/** Signed web tokens and EKS's presigned addresses, wherever they turn up. */
const TOKENS = /\b(?:eyJ[\w-]+\.[\w-]+\.[\w-]*|k8s-aws-v1\.[\w-]+)/g;
const HIDDEN = "[redacted]";

/** A text without tokens: those that were sent (`secrets`), and whatever looks like one. */
export function redact(text: string, secrets: Iterable<string> = []): string {
  let clean = text;
  for (const secret of secrets) if (secret !== "") clean = clean.replaceAll(secret, HIDDEN);
  return clean.replace(BEARER, `Bearer ${HIDDEN}`).replace(TOKENS, HIDDEN);
}
