import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../../shared/clusters/connections/types.ts";
import {
  ABSENT,
  mergePatchOf,
  readField,
  sameValue,
  withFields,
} from "../../../../shared/clusters/enforcement/fields.ts";
import { annotationPointer, taintPointer } from "../../../../shared/clusters/enforcement/pointers.ts";

const PAUSED = annotationPointer("autoscaling.keda.sh/paused");
const TAINT = taintPointer("genops.ai/budget", "NoSchedule");
const ours = { key: "genops.ai/budget", effect: "NoSchedule", value: "ml" };
const gpu = { key: "nvidia.com/gpu", effect: "NoSchedule", value: "present" };

function object(fields: Record<string, never> | object): KubeObject {
  return { apiVersion: "v1", kind: "Node", metadata: { name: "a" }, ...fields } as KubeObject;
}

describe("reading a field", () => {
  it("tells a value from none", () => {
    const suspended = object({ spec: { suspend: false, list: [{ a: 1 }] } });
    expect(readField(suspended, "/spec/suspend")).toEqual({ value: false });
    expect(readField(suspended, "/spec/replicas")).toEqual(ABSENT);
    expect(readField(suspended, "/status/replicas/x")).toEqual(ABSENT);
    expect(readField(suspended, "/spec/list/0/a")).toEqual({ value: 1 });
    expect(readField(object({ spec: { suspend: null } }), "/spec/suspend")).toEqual(ABSENT);
  });

  it("reads annotations whose names have slashes, and taints by key and effect", () => {
    const node = object({
      metadata: { name: "a", annotations: { "autoscaling.keda.sh/paused": "true" } },
      spec: { taints: [gpu, { ...ours, effect: "NoExecute" }, ours] },
    });
    expect(readField(node, PAUSED)).toEqual({ value: "true" });
    expect(readField(node, TAINT)).toEqual({ value: ours });
    expect(readField(object({ spec: { taints: [gpu] } }), TAINT)).toEqual(ABSENT);
  });

  it.each(["spec/replicas", "", "/"])("takes %j for a mistake of ours", (pointer) => {
    expect(() => readField(object({}), pointer)).toThrow("not a JSON pointer");
  });
});

describe("equality", () => {
  it.each([
    ["1", "1000m", true],
    ["1Gi", "1024Mi", true],
    [2, "2", true],
    ["1Gi", "1G", false],
    ["lots", "1", false],
  ])("compares limits %j and %j by value: %s", (a, b, same) => {
    expect(sameValue({ value: { cpu: a } }, { value: { cpu: b } }, "/spec/limits")).toBe(same);
  });

  it("is literal elsewhere", () => {
    expect(sameValue({ value: "1" }, { value: "1000m" }, PAUSED)).toBe(false);
    expect(sameValue({ value: 1 }, { value: "1" }, "/spec/replicas")).toBe(false);
    expect(sameValue({ value: { a: [1, { b: 2 }] } }, { value: { a: [1, { b: 2 }] } }, "/spec/x")).toBe(true);
    expect(sameValue({ value: { a: 1 } }, { value: { b: 1 } }, "/spec/x")).toBe(false);
    expect(sameValue({ value: [1] }, { value: [1, 2] }, "/spec/x")).toBe(false);
    expect(sameValue(ABSENT, { absent: true }, "/spec/x")).toBe(true);
    expect(sameValue(ABSENT, { value: false }, "/spec/suspend")).toBe(false);
  });

  it("does not ask when a taint was added", () => {
    const later = { ...ours, timeAdded: "2026-11-22T00:00:00Z" };
    expect(sameValue({ value: ours }, { value: later }, TAINT)).toBe(true);
    expect(sameValue({ value: ours }, { value: { ...ours, value: "x" } }, TAINT)).toBe(false);
  });
});

describe("merge patches", () => {
  it("names only what differs", () => {
    const live = object({ spec: { replicas: 5, template: { spec: {} } } });
    const values = { "/spec/replicas": { value: 0 }, "/spec/paused": { value: true }, "/spec/other": ABSENT };
    expect(mergePatchOf(values, live)).toEqual({ spec: { replicas: 0, paused: true } });
    expect(mergePatchOf({ "/spec/replicas": { value: 5 } }, live)).toEqual({});
  });

  it("removes what was not there before", () => {
    const live = object({ metadata: { name: "a", annotations: { "autoscaling.keda.sh/paused": "true", b: "c" } } });
    expect(mergePatchOf({ [PAUSED]: ABSENT }, live)).toEqual({
      metadata: { annotations: { "autoscaling.keda.sh/paused": null } },
    });
  });

  it("removes the last annotation with its map, as a server does", () => {
    const live = object({ metadata: { name: "a", annotations: { "autoscaling.keda.sh/paused": "true" } } });
    expect(mergePatchOf({ [PAUSED]: ABSENT }, live)).toEqual({ metadata: { annotations: null } });
    expect(withFields(live, { [PAUSED]: ABSENT })).toEqual(object({ metadata: { name: "a" } }));
  });

  it("replaces an object as a whole", () => {
    const live = object({ spec: { limits: { cpu: "100", memory: "1Ti" }, template: {} } });
    expect(mergePatchOf({ "/spec/limits": { value: { cpu: "10", nodes: 3 } } }, live)).toEqual({
      spec: { limits: { cpu: "10", memory: null, nodes: 3 } },
    });
  });

  it("adds and removes our taint only", () => {
    const others = object({ spec: { taints: [gpu] } });
    const tainted = withFields(others, { [TAINT]: { value: ours } });
    expect(mergePatchOf({ [TAINT]: { value: ours } }, others)).toEqual({ spec: { taints: [gpu, ours] } });
    expect(mergePatchOf({ [TAINT]: ABSENT }, tainted)).toEqual({ spec: { taints: [gpu] } });
    expect(mergePatchOf({ [TAINT]: ABSENT }, others)).toEqual({});
  });

  it("removes the list with its last taint, and keeps the place of one that is replaced", () => {
    expect(mergePatchOf({ [TAINT]: ABSENT }, object({ spec: { taints: [ours] } }))).toEqual({ spec: { taints: null } });
    expect(mergePatchOf({ [TAINT]: { value: ours } }, object({ spec: {} }))).toEqual({ spec: { taints: [ours] } });
    const theirs = { ...ours, value: "team" };
    expect(mergePatchOf({ [TAINT]: { value: ours } }, object({ spec: { taints: [theirs, gpu] } }))).toEqual({
      spec: { taints: [ours, gpu] },
    });
  });

  it("writes into a list by index", () => {
    const live = object({ spec: { list: [{ a: 1 }, { a: 2 }] } });
    expect(mergePatchOf({ "/spec/list/1/a": { value: 3 } }, live)).toEqual({ spec: { list: [{ a: 1 }, { a: 3 }] } });
  });
});
