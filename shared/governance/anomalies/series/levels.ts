/** With more dimensions than this, all cuts would be more series than the finest level has. */
const ALL_CUTS_UP_TO = 4;

/**
 * The levels at which cost is watched, as the dimensions that each fixes, the coarsest first: everything, the first dimension (a cloud),
 * and every cut within it: for `[provider, account, service]` an account, a service over all accounts, a service in an account. Cuts
 * without the first dimension are left out: what two clouds call by one name is not one thing, and a cause across clouds shows in the
 * total. Beyond four dimensions: the prefixes, and single dimensions within the first.
 */
export function levelsOf(by: readonly string[]): string[][] {
  const [first, ...others] = by;
  if (first === undefined) return [[]];
  const cuts =
    by.length <= ALL_CUTS_UP_TO
      ? subsets(others)
      : [[], ...others.map((name) => [name]), ...others.map((_name, index) => others.slice(0, index + 1))];
  const levels = new Map(cuts.map((cut) => [cut.join("\n"), [first, ...cut]]));
  return [[], ...[...levels.values()].sort((a, b) => a.length - b.length)];
}

function subsets(names: readonly string[]): string[][] {
  return Array.from({ length: 2 ** names.length }, (_none, chosen) =>
    names.filter((_name, bit) => (chosen >> bit) % 2),
  );
}
