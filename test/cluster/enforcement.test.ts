import { onGuardedPlanes } from "./guarded-planes.ts";
import { describeEnforcement } from "./suites/enforcement.ts";

onGuardedPlanes({ prefix: "enforced", human: true }, (name, targetOf) => describeEnforcement(name, targetOf));
