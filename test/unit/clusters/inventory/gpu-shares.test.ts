import { describe, expect, it } from "vitest";
import { devicesOf, gpusOfNode, UNKNOWN_NODE } from "../../../../shared/clusters/inventory/gpu-shares.ts";
import { createQuantityReader } from "../../../../shared/clusters/inventory/quantities.ts";
import { formatDecimal } from "../../../../shared/core/decimal.ts";
import { node } from "../../../support/cluster-objects.ts";

const quantities = createQuantityReader();

function gpus(capacity: Record<string, string>, labels: Record<string, string> = {}, annotations = {}) {
  return gpusOfNode(node({ name: "g", capacity, labels, annotations }), quantities);
}

function share(amounts: Record<string, string>, on: ReturnType<typeof gpus>): number {
  return Math.round(Number(formatDecimal(devicesOf(amounts, on, quantities))) * 1e6) / 1e6;
}

function devices(on: ReturnType<typeof gpus>): string {
  return formatDecimal(on.devices);
}

describe("shares of GPUs", () => {
  it("are whole devices of any vendor without sharing", () => {
    const plain = gpus({ "nvidia.com/gpu": "8" });
    expect([devices(plain), share({ "nvidia.com/gpu": "2" }, plain)]).toEqual(["8", 2]);
    const amd = gpus({ "amd.com/gpu": "4" });
    expect([devices(amd), share({ "amd.com/gpu": "1", cpu: "4" }, amd)]).toEqual(["4", 1]);
    expect(devices(gpus({}))).toBe("0");
    expect(share({ cpu: "1" }, plain)).toBe(0);
  });

  it("are physical over shares with time slicing, renamed or not", () => {
    const labels = { "nvidia.com/gpu.replicas": "4", "nvidia.com/gpu.count": "2" };
    const sliced = gpus({ "nvidia.com/gpu": "8" }, labels);
    expect([devices(sliced), share({ "nvidia.com/gpu": "1" }, sliced)]).toEqual(["2", 0.25]);
    const renamed = gpus({ "nvidia.com/gpu.shared": "8", "nvidia.com/gpu": "0" }, labels);
    expect([devices(renamed), share({ "nvidia.com/gpu.shared": "2" }, renamed)]).toEqual(["2", 0.5]);
  });

  it("are compute slices of seven with MIG, of four on an A30", () => {
    const mixed = gpus(
      { "nvidia.com/mig-1g.10gb": "3", "nvidia.com/mig-3g.40gb": "1" },
      { "nvidia.com/gpu.count": "1" },
    );
    expect([devices(mixed), share({ "nvidia.com/mig-3g.40gb": "1" }, mixed)]).toEqual(["1", 0.428571]);
    expect(devices(gpus({ "nvidia.com/mig-3g.40gb": "4" }))).toBe("2");
    expect(devices(gpus({ "nvidia.com/mig-1g.5gb": "7" }))).toBe("1");
    expect(share({ "nvidia.com/mig-1c.3g.40gb": "1" }, UNKNOWN_NODE)).toBe(0.142857);
    const a30 = gpus({ "nvidia.com/mig-2g.12gb": "2" }, { "nvidia.com/gpu.product": "NVIDIA-A30" });
    expect([devices(a30), share({ "nvidia.com/mig-2g.12gb": "1" }, a30)]).toEqual(["1", 0.5]);
    const single = gpus({ "nvidia.com/gpu": "7" }, { "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-40GB-MIG-1g.5gb" });
    expect([devices(single), share({ "nvidia.com/gpu": "1" }, single)]).toEqual(["1", 0.142857]);
  });

  it("are virtual ones of AWS's plugin by what the node has", () => {
    const aws = gpus({ "k8s.amazonaws.com/vgpu": "40" }, { "nvidia.com/gpu.count": "4" });
    expect([devices(aws), share({ "k8s.amazonaws.com/vgpu": "5" }, aws)]).toEqual(["4", 0.5]);
    expect(devices(gpus({ "k8s.amazonaws.com/vgpu": "10" }))).toBe("1");
    expect(share({ "k8s.amazonaws.com/vgpu": "5" }, UNKNOWN_NODE)).toBe(0.5);
  });

  it("are the greater of memory and cores with HAMi, the whole where nothing is stated", () => {
    const register = JSON.stringify([
      { id: "a", devmem: 16_384 },
      { id: "b", devmem: 16_384 },
    ]);
    const hami = gpus({ "nvidia.com/gpu": "20" }, {}, { "hami.io/node-nvidia-register": register });
    expect(devices(hami)).toBe("2");
    const ask = (more: Record<string, string>, count = "1") => share({ "nvidia.com/gpu": count, ...more }, hami);
    expect(ask({})).toBe(1);
    expect(ask({ "nvidia.com/gpumem": "4096" })).toBe(0.25);
    expect(ask({ "nvidia.com/gpumem": "4096", "nvidia.com/gpucores": "60" })).toBe(0.6);
    expect(ask({ "nvidia.com/gpumem-percentage": "50" }, "2")).toBe(1);
    const old = gpus(
      { "nvidia.com/gpu": "10" },
      {},
      { "hami.io/node-nvidia-register": "GPU-1,10,32768,100,NVIDIA-V100,0,true:" },
    );
    expect([devices(old), share({ "nvidia.com/gpu": "1", "nvidia.com/gpumem": "8192" }, old)]).toEqual(["1", 0.25]);
    expect(devices(gpus({ "nvidia.com/gpu": "4" }, {}, { "hami.io/node-nvidia-register": "[broken" }))).toBe("4");
  });
});
