import type { AllocationConfig, AllocationDimension, LabelRule } from "../../../../shared/config/types.ts";

type Parts = Partial<Omit<AllocationConfig, "labels">> & {
  labels?: Partial<Record<AllocationDimension, Partial<LabelRule>>>;
};

/** An allocation that finds each dimension under its own name, changed by `parts`. */
export function allocationOf({ labels = {}, ...parts }: Parts = {}): AllocationConfig {
  const rule = (name: AllocationDimension): LabelRule => ({ keys: [name], aliases: {}, ...labels[name] });
  return {
    labels: {
      team: rule("team"),
      project: rule("project"),
      environment: rule("environment"),
      cost_center: rule("cost_center"),
    },
    accounts: {},
    namespaces: {},
    shared: [],
    ...parts,
  };
}
