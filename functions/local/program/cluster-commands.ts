import type { Command } from "commander";
import type { Bind, CommandContext } from "../command-context.ts";
import { health, type JoinOptions, join, listClusters, unjoin } from "../commands/clusters.ts";

/** `clusters list|join|unjoin|health`. */
export function addClusterCommands(program: Command, bind: Bind): void {
  const clusters = program.command("clusters").description("the clusters that GenOps reads and acts on");
  bind(clusters.command("list").description("configured and joined clusters"), async ({ out, format, openRuntime }) =>
    listClusters(await openRuntime(), out, format),
  );
  bind(
    clusters
      .command("join <name>")
      .description("check a cluster layer by layer, and record it")
      .option("--provider <name>", "eks, aks, gke or kubeconfig; nothing for a cluster of genops.yaml")
      .option("--cluster <name>", "its name in its cloud, where that is another one")
      .option("--region <region>", "eks")
      .option("--subscription <id>", "aks")
      .option("--resource-group <name>", "aks")
      .option("--project <id>", "gke")
      .option("--location <region or zone>", "gke")
      .option("--kubeconfig <file>", "kubeconfig")
      .option("--context <name>", "kubeconfig; default: its current one")
      .option("--rights <mode>", "standard or scale-only"),
    async ({ out, format, options, openRuntime }: CommandContext<JoinOptions>, name = "") =>
      join(await openRuntime(), out, format, { name, options }),
  );
  bind(
    clusters
      .command("unjoin <name>")
      .description("forget a joined cluster; refused while something is held there")
      .option("--force", "leave what is held as it is"),
    async ({ out, format, options, openRuntime }: CommandContext<{ force?: boolean }>, name = "") =>
      unjoin(await openRuntime(), out, format, { name, force: options.force === true }),
  );
  bind(
    clusters
      .command("health [names...]")
      .description("connectivity, pods, endpoints, nodes; exits with 1 when a check failed"),
    async ({ out, format, openRuntime }, ...names) => health(await openRuntime(), out, format, names),
  );
}
