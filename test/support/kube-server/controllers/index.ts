import type { Controller } from "../world.ts";
import { argocd } from "./argocd.ts";
import { autoscalers } from "./autoscalers.ts";
import { daemonSets } from "./daemon-sets.ts";
import { deployments, rollouts } from "./deployments.ts";
import { disruption } from "./disruption.ts";
import { flux } from "./flux.ts";
import { jobs } from "./jobs.ts";
import { karpenter } from "./karpenter.ts";
import { keda } from "./keda.ts";
import { createKubelet } from "./kubelet.ts";
import { nodes } from "./nodes.ts";
import { policyStatus } from "./policy-status.ts";
import { quotas } from "./quotas.ts";
import { replicaSets } from "./replica-sets.ts";
import { createScheduler } from "./scheduler.ts";
import { statefulSets } from "./stateful-sets.ts";

export function allControllers(): Controller[] {
  return [
    nodes,
    createScheduler(),
    createKubelet(),
    deployments,
    rollouts,
    replicaSets,
    statefulSets,
    daemonSets,
    jobs,
    autoscalers,
    keda,
    karpenter,
    argocd,
    flux,
    disruption,
    quotas,
    policyStatus,
  ];
}
