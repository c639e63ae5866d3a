/** The HTTP status that a cloud's client keeps in an error, in one of four places; undefined for an error that no answer stands behind. */
export function httpStatusOf(error: Error): number | undefined {
  const { $metadata, statusCode, status, code } = error as Error & {
    $metadata?: { httpStatusCode?: unknown };
    statusCode?: unknown;
    status?: unknown;
    code?: unknown;
  };
  return [$metadata?.httpStatusCode, statusCode, status, code]
    .map(Number)
    .find((value) => Number.isInteger(value) && value >= 100);
}
