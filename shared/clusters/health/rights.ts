import type { AccessReview } from "../connections/types.ts";
import { reviewsOf, rightsOf, type ServedKind } from "../enforcement/rights.ts";

/** One question about a right that GenOps uses in a cluster, and what for. */
export interface AskedRight extends AccessReview {
  /** `read`: nothing works without it. `write`: enforcement needs it. */
  need: "read" | "write";
  /** Only where the cluster serves this kind. */
  where?: ServedKind;
}

/** Every right that is used in a cluster of this mode, one per verb. */
export function rightsFor(mode: "standard" | "scale-only"): AskedRight[] {
  return rightsOf(mode).flatMap((right) =>
    reviewsOf(right).map((review) => ({
      ...review,
      // A subresource is only read for the sake of writing it.
      need: review.subresource === undefined && ["get", "list"].includes(review.verb) ? "read" : "write",
      ...(right.where === undefined ? {} : { where: right.where }),
    })),
  );
}

/** As RBAC's commands write it: `patch deployments.apps/scale`. */
export function describeRight({ verb, group, resource, subresource, name: only }: AccessReview): string {
  const name = group === "" ? resource : `${resource}.${group}`;
  return `${verb} ${name}${subresource === undefined ? "" : `/${subresource}`}${only === undefined ? "" : ` ${only}`}`;
}
