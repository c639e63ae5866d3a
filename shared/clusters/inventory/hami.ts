import { type Decimal, divide, fromInteger, max, multiply, ZERO } from "../../core/decimal.ts";
import { isTree } from "../connections/objects.ts";
import type { KubeObject } from "../connections/types.ts";
import { numberAt, textAt } from "./fields.ts";
import type { QuantityReader } from "./quantities.ts";

const REGISTER = "hami.io/node-nvidia-register";
const ONE = fromInteger(1);
const HUNDRED = fromInteger(100);

/** The devices of a node that HAMi shares out. */
export interface HamiCards {
  count: Decimal;
  /** MiB of one; zero when nothing tells. */
  memory: Decimal;
}

/** HAMi's device plugin writes what it found: JSON, or before 2.5 `id,count,memory,…:id,count,…`. Undefined: it is not there. */
export function hamiCards(node: KubeObject, quantities: QuantityReader): HamiCards | undefined {
  const text = node.metadata.annotations?.[REGISTER];
  if (text === undefined || text === "") return undefined;
  const memories = text.startsWith("[") ? jsonMemories(text) : listMemories(text);
  if (memories.length === 0) return undefined;
  const labelled = textAt(node, "metadata", "labels", "nvidia.com/gpu.memory");
  return { count: fromInteger(memories.length), memory: quantities.read(labelled ?? memories[0]) };
}

function jsonMemories(text: string): string[] {
  try {
    const devices: unknown = JSON.parse(text);
    if (!Array.isArray(devices)) return [];
    return devices.filter(isTree).map((device) => String(numberAt(device, "devmem") ?? 0));
  } catch {
    return [];
  }
}

function listMemories(text: string): string[] {
  const devices = text.split(":").filter((device) => device.includes(","));
  return devices.map((device) => device.split(",")[2] ?? "0");
}

/** Of every device that is touched the greater share of its memory and its cores; nothing stated is the whole device. */
export function hamiDevices(
  units: Decimal,
  amounts: Readonly<Record<string, unknown>>,
  { cards, quantities }: { cards: HamiCards; quantities: QuantityReader },
): Decimal {
  const read = (name: string) => quantities.read(amounts[`nvidia.com/${name}`]);
  const ofMemory = cards.memory > 0n ? divide(read("gpumem"), cards.memory) : ZERO;
  const ofPercent = divide(max(read("gpumem-percentage"), read("gpucores")), HUNDRED);
  const share = max(ofMemory, ofPercent);
  return multiply(units, share > 0n && share < ONE ? share : ONE);
}
