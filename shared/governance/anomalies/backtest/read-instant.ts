const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?$/i;
const REMEMBERED = 20_000;

/**
 * Reader of ISO 8601 instants: milliseconds since 1970, or undefined where the text is none. Without a zone it is UTC (the contract of a
 * back-test), a bare day its beginning. It remembers what it has read: the same times stand in every series.
 */
export function createInstantReader(): (text: string) => number | undefined {
  const known = new Map<string, number | undefined>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const read = readInstant(text.trim());
    if (known.size >= REMEMBERED) known.clear();
    known.set(text, read);
    return read;
  };
}

function readInstant(text: string): number | undefined {
  const parts = INSTANT.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const midnight = Date.UTC(year, month - 1, day);
  // `2026-02-30` would become 2 March; years below 100 would become 19xx.
  if (new Date(midnight).toISOString().slice(0, 10) !== text.slice(0, 10)) return undefined;
  const fraction = Math.trunc(Number(`0.${parts[7] ?? "0"}`) * 1000);
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000 + fraction - zoneOf(parts[8] ?? "Z");
}

function zoneOf(zone: string): number {
  const parts = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (parts === null) return 0;
  return (parts[1] === "-" ? -1 : 1) * (Number(parts[2]) * 60 + Number(parts[3])) * 60_000;
}

/** `2026-07-20T00:00:00Z`; milliseconds only where there are some. */
export function writeInstant(instant: number): string {
  return new Date(instant).toISOString().replace(".000Z", "Z");
}
