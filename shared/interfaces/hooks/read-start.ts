/** The beginning of a body as text; what is longer than `limitBytes` is cut off. */
export async function readStart(
  { body }: { body: ReadableStream<Uint8Array> | null },
  limitBytes: number,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= limitBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, limitBytes).toString("utf8");
}
