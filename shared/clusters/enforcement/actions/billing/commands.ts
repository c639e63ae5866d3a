import type { ClusterConfig } from "../../../../config/types.ts";
import type { BillingTarget } from "../../../../ports/billing-control.ts";
import type { PoolState } from "./states.ts";

/*
 * What a person could run instead, one line each.
 */

export function budgetActionCommands(target: Extract<BillingTarget, { kind: "aws-budget-action" }>): string[] {
  const { accountId, budgetName, actionId } = target;
  const of = `--account-id ${accountId} --budget-name ${quote(budgetName)} --action-id ${actionId}`;
  return [`aws budgets execute-budget-action ${of} --execution-type APPROVE_BUDGET_ACTION`];
}

export function detachCommands(project: string): string[] {
  return [`gcloud billing projects unlink ${project}`];
}

export function poolCommands(cluster: ClusterConfig, pool: string, now: PoolState, nodes: number): string[] {
  switch (cluster.provider) {
    case "eks": {
      const sizes = `minSize=${nodes},maxSize=${Math.max(1, nodes)},desiredSize=${nodes}`;
      const of = `--cluster-name ${cluster.cluster} --nodegroup-name ${quote(pool)} --region ${cluster.region}`;
      return [`aws eks update-nodegroup-config ${of} --scaling-config ${sizes}`];
    }
    case "aks": {
      const of = `--resource-group ${cluster.resourceGroup} --cluster-name ${cluster.cluster} --name ${quote(pool)}`;
      const off = now.autoscaled ? [`az aks nodepool update ${of} --disable-cluster-autoscaler`] : [];
      return [...off, `az aks nodepool scale ${of} --node-count ${nodes}`];
    }
    case "gke": {
      const where = `--project ${cluster.project} --location ${cluster.location}`;
      const off = now.autoscaled
        ? [
            `gcloud container clusters update ${cluster.cluster} ${where} --node-pool ${quote(pool)} --no-enable-autoscaling`,
          ]
        : [];
      const size = `--num-nodes <${nodes}, divided by the pool's zones>`;
      return [
        ...off,
        `gcloud container clusters resize ${cluster.cluster} ${where} --node-pool ${quote(pool)} ${size}`,
      ];
    }
    default:
      return [];
  }
}

function quote(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
