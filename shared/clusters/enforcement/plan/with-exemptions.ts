import type { Inventory } from "../../inventory/types.ts";
import type { Exemption } from "../approvals/types.ts";

/** The inventory in which what people have exempted says so itself; the later end counts. */
export function withExemptions(inventory: Inventory, exemptions: readonly Exemption[]): Inventory {
  const own = exemptions.filter(({ cluster }) => cluster === inventory.cluster);
  if (own.length === 0) return inventory;
  return {
    ...inventory,
    namespaces: inventory.namespaces.map((namespace) => {
      const ends = own.filter((each) => each.workload === undefined && each.namespace === namespace.name);
      return { ...namespace, ...endOf(namespace.exemptUntil, ends) };
    }),
    workloads: inventory.workloads.map((workload) => {
      const { kind, name, namespace } = workload.ref;
      const ends = own.filter(
        (each) => each.namespace === namespace && each.workload?.kind === kind && each.workload.name === name,
      );
      return { ...workload, ...endOf(workload.exemptUntil, ends) };
    }),
  };
}

function endOf(until: string | undefined, exemptions: readonly Exemption[]): { exemptUntil?: string } {
  const ends = [...(until === undefined ? [] : [until]), ...exemptions.map((each) => each.until)];
  const last = ends.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
  return last === undefined ? {} : { exemptUntil: last };
}
