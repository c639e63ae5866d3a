import { onGuardedPlanes } from "./guarded-planes.ts";
import { describeBudgetToCluster } from "./suites/budget-to-cluster.ts";

onGuardedPlanes({ prefix: "budget" }, (name, targetOf) => describeBudgetToCluster(name, targetOf));
