import { add, type Decimal, divide, fromInteger, multiply, parseDecimal, ZERO } from "../../core/decimal.ts";
import type { ListPrice } from "../../prices/list/find-prices.ts";
import type { ClusterNode } from "../inventory/types.ts";

/** Compute Engine in Google's catalog. It has no price per machine type: a machine is its cores, its GiB and its GPUs. */
export const COMPUTE_ENGINE = "6F81-5844-456A";

/** What the upper-case descriptions of a family's SKUs begin with (`reference/more-contracts.md` §1.3). */
const FAMILIES: Readonly<Record<string, string>> = {
  n1: "N1 PREDEFINED INSTANCE",
  n2: "N2 INSTANCE",
  n2d: "N2D AMD INSTANCE",
  e2: "E2 INSTANCE",
  t2d: "T2D AMD INSTANCE",
  t2a: "T2A ARM INSTANCE",
  a2: "A2 INSTANCE",
  c2: "COMPUTE OPTIMIZED",
};

/** GiB per core by shape; a node's own capacity is a little less than its machine's. */
const SHAPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  n1: { standard: "3.75", highmem: "6.5", highcpu: "0.9" },
  c2: { standard: "4" },
  other: { standard: "4", highmem: "8", highcpu: "1" },
};
const GIBIBYTE = fromInteger(1024 ** 3);

/** Money per hour of a Google machine by list prices of one currency; undefined where a part of it is not in the list. */
export function listMachinePrice(node: ClusterNode, prices: readonly ListPrice[]): Decimal | undefined {
  const family = /^([a-z]\d[a-z]?)-/.exec(node.instanceType ?? "")?.[1];
  const words = family === undefined ? undefined : FAMILIES[family];
  if (family === undefined || words === undefined || node.region === undefined) return undefined;
  const own = prices.filter((price) => isOffered(price, node));
  const ofFamily = own.filter(({ description }) => isOf(description.toUpperCase(), words));
  const isMemory = ({ description }: ListPrice) => / RAM\b/.test(description.toUpperCase());
  const core = unitPrice(ofFamily.find((price) => !isMemory(price)));
  const memory = unitPrice(ofFamily.find(isMemory));
  const gpus = gpuPrice(node, own);
  if (core === undefined || memory === undefined || gpus === undefined) return undefined;
  const cores = parseDecimal(node.capacity.cpu);
  return add(add(multiply(cores, core), multiply(gibibytesOf(node, family), memory)), gpus);
}

function isOffered({ usageType, regions }: ListPrice, { region = "", capacityType }: ClusterNode): boolean {
  return regions.includes(region) && usageType === (capacityType === "spot" ? "Preemptible" : "OnDemand");
}

/** Custom machines, sole tenants and commitments have SKUs of their own. */
function isOf(description: string, words: string): boolean {
  const plain = description.replace(/^SPOT PREEMPTIBLE /, "").replace(/^PREEMPTIBLE /, "");
  return plain.startsWith(words) && !/CUSTOM|SOLE TENANCY|COMMITMENT|RESERVED|EXTENDED/.test(plain);
}

function unitPrice(price: ListPrice | undefined): Decimal | undefined {
  return price?.tiers.at(-1)?.unitPrice;
}

function gibibytesOf({ instanceType = "", capacity }: ClusterNode, family: string): Decimal {
  const shape = instanceType.split("-")[1] ?? "";
  const perCore = (SHAPES[family] ?? SHAPES["other"])?.[shape];
  if (perCore !== undefined) return multiply(parseDecimal(capacity.cpu), parseDecimal(perCore));
  return divide(parseDecimal(capacity.memory), GIBIBYTE);
}

/** `cloud.google.com/gke-accelerator: nvidia-tesla-t4` is the SKU `Nvidia Tesla T4 GPU running in …`. */
function gpuPrice({ labels, capacity }: ClusterNode, prices: readonly ListPrice[]): Decimal | undefined {
  if (capacity.gpu === "0") return ZERO;
  const name = labels["cloud.google.com/gke-accelerator"]?.replaceAll("-", " ").toUpperCase();
  const price =
    name === undefined ? undefined : prices.find((each) => isOf(each.description.toUpperCase(), `${name} GPU`));
  const perGpu = unitPrice(price);
  return perGpu === undefined ? undefined : multiply(parseDecimal(capacity.gpu), perGpu);
}
