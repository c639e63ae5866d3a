import { type Decimal, divide, fromInteger, max, multiply, multiplyDivide, sum, ZERO } from "../../core/decimal.ts";
import { isTree } from "../connections/objects.ts";
import type { KubeObject } from "../connections/types.ts";
import { textsAt, valueAt } from "./fields.ts";
import { type HamiCards, hamiCards, hamiDevices } from "./hami.ts";
import type { QuantityReader } from "./quantities.ts";

/*
 * A share of a GPU as a part of a physical device (`reference/more-contracts.md` §7). A device of another vendor counts as itself;
 * a MIG slice as its compute slices of the device's seven (four on an A30), not by its memory.
 */

const NVIDIA = "nvidia.com/gpu";
const SHARED = "nvidia.com/gpu.shared";
const VGPU = "k8s.amazonaws.com/vgpu";
const MIG = /^nvidia\.com\/mig-(?:(\d+)c\.)?(\d+)g\./;
const OTHERS =
  /^(?:amd\.com\/gpu|gpu\.intel\.com\/(?:i915|xe)|habana\.ai\/gaudi|aws\.amazon\.com\/neuron(?:device)?|google\.com\/tpu)$/;
/** What AWS's virtual GPU plugin makes of one device, where the node does not tell how many it has. */
const VGPU_PER_DEVICE = fromInteger(10);
const ONE = fromInteger(1);

/** What one unit of each GPU resource of a node is, in devices. */
export interface NodeGpus {
  /** Devices in the machine. */
  devices: Decimal;
  units: ReadonlyMap<string, Decimal>;
  hami?: HamiCards;
}

/** Where a pod's node is not known: every unit is a device, a MIG slice its part of one. */
export const UNKNOWN_NODE: NodeGpus = { devices: ZERO, units: new Map() };

export function isGpuResource(name: string): boolean {
  return name === NVIDIA || name === SHARED || name === VGPU || MIG.test(name) || OTHERS.test(name);
}

/** Devices that amounts of resources (by name) are on that node. */
export function devicesOf(
  amounts: Readonly<Record<string, unknown>>,
  node: NodeGpus,
  quantities: QuantityReader,
): Decimal {
  const names = Object.keys(amounts).filter(isGpuResource);
  if (names.length === 0) return ZERO;
  const parts = names.map((name) => {
    const units = quantities.read(amounts[name]);
    if (name === NVIDIA && node.hami !== undefined)
      return hamiDevices(units, amounts, { cards: node.hami, quantities });
    return multiply(units, node.units.get(name) ?? defaultUnit(name));
  });
  return sum(parts);
}

function defaultUnit(name: string): Decimal {
  if (name === VGPU) return divide(ONE, VGPU_PER_DEVICE);
  return migUnit(name, "") ?? ONE;
}

function migUnit(name: string, product: string): Decimal | undefined {
  const match = MIG.exec(name);
  const slices = match?.[1] ?? match?.[2];
  return slices === undefined ? undefined : divide(fromInteger(Number(slices)), fromInteger(slicesOf(product)));
}

function slicesOf(product: string): number {
  return product.includes("A30") ? 4 : 7;
}

/** What the labels and the capacity of a node tell about its GPUs. */
export function gpusOfNode(node: KubeObject, quantities: QuantityReader): NodeGpus {
  const capacity = textsAt(node, "status", "capacity");
  const names = Object.keys(capacity).filter(isGpuResource);
  if (names.length === 0) return UNKNOWN_NODE;
  const labels = node.metadata.labels ?? {};
  const amount = (name: string) => quantities.read(capacity[name]);
  const product = labels["nvidia.com/gpu.product"] ?? "";
  const single = /-MIG-(?:(\d+)c\.)?(\d+)g\./.exec(product);
  const hami = hamiCards(node, quantities);
  if (hami !== undefined) return { devices: hami.count, units: new Map(), hami };
  if (single !== null) return singleMig(amount(NVIDIA), Number(single[1] ?? single[2]), slicesOf(product));
  const counted = quantities.read(labels["nvidia.com/gpu.count"]);
  const isSliced = labels["nvidia.com/gpu.replicas"] !== undefined;
  const units = new Map(names.map((name) => [name, unitOf(name, { amount, counted, product, isSliced })]));
  return { devices: devicesIn(names, { amount, units, counted }), units };
}

interface GpuFacts {
  amount: (name: string) => Decimal;
  /** Devices by the label of NVIDIA's feature discovery; zero without it. */
  counted: Decimal;
  product: string;
  /** Time slicing is on. */
  isSliced: boolean;
}

function unitOf(name: string, { amount, counted, product, isSliced }: GpuFacts): Decimal {
  if (name === VGPU) return vgpuUnit(amount(VGPU), max(counted, amount(NVIDIA)));
  const shares = amount(name);
  const isShare = isSliced && (name === NVIDIA || name === SHARED) && counted > 0n && shares > 0n;
  return isShare ? divide(counted, shares) : (migUnit(name, product) ?? ONE);
}

/** Slices are whole machines' parts: six sevenths that are handed out are one device. */
function devicesIn(
  names: readonly string[],
  {
    amount,
    units,
    counted,
  }: { amount: (name: string) => Decimal; units: ReadonlyMap<string, Decimal>; counted: Decimal },
): Decimal {
  const isMig = names.some((name) => MIG.test(name));
  if (counted > 0n && isMig) return counted;
  // AWS's plugin lists the same devices twice.
  const own = names.includes(VGPU) ? [VGPU] : names.includes(SHARED) ? names.filter((name) => name !== NVIDIA) : names;
  const all = sum(own.map((name) => multiply(amount(name), units.get(name) ?? ONE)));
  return isMig || names.includes(VGPU) || counted > 0n ? roundedUp(all) : all;
}

/** Up to the next whole device; what rounding left over (three thirds) is none. */
function roundedUp(value: Decimal): Decimal {
  const whole = (value + ONE - 1_000n) / ONE;
  return fromInteger(whole);
}

function vgpuUnit(shares: Decimal, devices: Decimal): Decimal {
  return devices > 0n && shares > 0n ? divide(devices, shares) : divide(ONE, VGPU_PER_DEVICE);
}

function singleMig(count: Decimal, slices: number, ofDevice: number): NodeGpus {
  const unit = divide(fromInteger(slices), fromInteger(ofDevice));
  const devices = roundedUp(multiplyDivide(count, fromInteger(slices), fromInteger(ofDevice)));
  return { devices, units: new Map([[NVIDIA, unit]]) };
}

/** Requests of a container, and what only its limits name (OpenCost does so for GPUs; the server copies limits for all resources). */
export function askedResources(container: unknown): Readonly<Record<string, unknown>> {
  const limits = valueAt(container, "resources", "limits");
  const requests = valueAt(container, "resources", "requests");
  if (!isTree(limits)) return isTree(requests) ? requests : {};
  return isTree(requests) ? { ...limits, ...requests } : limits;
}
