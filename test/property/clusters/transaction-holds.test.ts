import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../shared/clusters/connections/types.ts";
import { mergePatchOf, readField, sameValue, withFields } from "../../../shared/clusters/enforcement/fields.ts";
import { decide } from "../../../shared/clusters/enforcement/hold/decide.ts";
import { addLayer, desired, newHold, removeLayer } from "../../../shared/clusters/enforcement/hold/hold.ts";
import { adoptHold } from "../../../shared/clusters/enforcement/hold/marks.ts";
import { HoldsSchema } from "../../../shared/clusters/enforcement/hold/schema.ts";
import type { FieldValue, Hold, HoldLayer } from "../../../shared/clusters/enforcement/types.ts";
import { ZERO } from "../../../shared/core/decimal.ts";
import type { Json } from "../../../shared/core/json.ts";
import { encodeDocument } from "../../../shared/ledger/json-document.ts";
import { mergePatch } from "../../support/kube-server/merge-patch.ts";

const POINTERS = [
  "/spec/replicas",
  "/spec/suspend",
  "/metadata/annotations/a~1b",
  "/spec/taints[k:NoSchedule]",
  "/spec/limits",
];
const ref = { cluster: "c", apiVersion: "apps/v1", kind: "Deployment", namespace: "ml", name: "a", uid: "u" };
const NOW = "2026-11-22T12:00:00.000Z";

function valueFor(pointer: string, seed: number): FieldValue {
  if (seed === 0) return { absent: true };
  if (pointer.includes("annotations")) return { value: String(seed) };
  if (pointer.includes("taints")) return { value: { key: "k", effect: "NoSchedule", value: String(seed) } };
  return pointer.endsWith("limits") ? { value: { cpu: String(seed), [`x${seed}`]: seed } } : { value: seed };
}

const valuesOf = fc
  .record(
    Object.fromEntries(
      POINTERS.map((pointer) => [pointer, fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined })]),
    ),
  )
  .map((seeds) =>
    Object.fromEntries(
      Object.entries(seeds).flatMap(([pointer, seed]) =>
        seed === undefined ? [] : [[pointer, valueFor(pointer, seed)]],
      ),
    ),
  );

const liveObjects = valuesOf.map((values) => {
  const empty: KubeObject = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "a", namespace: "ml", uid: "u", resourceVersion: "1", annotations: { keep: "me" } },
    spec: { other: { kept: true }, taints: [{ key: "team", effect: "NoSchedule" }] },
  };
  return withFields(empty, values);
});

function layer(step: string, fields: HoldLayer["fields"]): HoldLayer {
  return {
    step,
    planHash: "h",
    action: "scale-to-zero",
    rung: "block",
    policy: "p",
    environment: "dev",
    fields,
    appliedAt: NOW,
    expiresAt: "2100-01-01T00:00:00.000Z",
    savesPerHour: ZERO,
  };
}

const originalsOf = (live: KubeObject) =>
  Object.fromEntries(POINTERS.map((pointer) => [pointer, readField(live, pointer)]));

/** A server in one line: conditional on the version, merge patches, a new version for every change. */
function served(live: KubeObject, patch: Readonly<Record<string, Json>>): KubeObject {
  const next = mergePatch(live, patch) as KubeObject;
  const version = String(Number(live.metadata.resourceVersion) + 1);
  return { ...next, metadata: { ...next.metadata, resourceVersion: version } };
}

/** Decides and sends until nothing is left to send. */
function settled(hold: Hold, live: KubeObject): { hold: Hold | undefined; live: KubeObject } {
  let [current, object]: [Hold | undefined, KubeObject] = [hold, live];
  for (let round = 0; round < 5 && current !== undefined; round++) {
    const verdict = decide(current, {
      live: object,
      now: NOW,
      id: `i${round}-${object.metadata.resourceVersion}`,
      facts: {},
    });
    current = verdict.hold;
    if (verdict.send?.kind !== "patch") break;
    object = served(object, mergePatchOf(verdict.send.values, verdict.send.live));
  }
  return { hold: current, live: object };
}

const withoutVersion = ({ metadata: { resourceVersion: _, ...metadata }, ...rest }: KubeObject) => ({
  ...rest,
  metadata,
});

const changes = fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.option(valuesOf)), { maxLength: 12 });

describe("layers", () => {
  it("decide a field by the newest that names it, else by the original, in whatever order they come and go", () => {
    fc.assert(
      fc.property(liveObjects, changes, (live, script) => {
        let hold = newHold(ref, "patch", NOW);
        const model = new Map<string, HoldLayer["fields"]>();
        for (const [step, fields] of script) {
          if (fields === null) {
            model.delete(step);
            hold = removeLayer(hold, step, "no longer wanted");
            hold = { ...hold, layers: hold.layers.filter(({ leaving }) => leaving === undefined) };
          } else if (!model.has(step)) {
            model.set(step, fields);
            hold = addLayer(hold, layer(step, fields), originalsOf(live), "patch");
          }
        }
        const expected = Object.assign(
          {},
          ...Object.keys(hold.originals).map((key) => ({ [key]: readField(live, key) })),
          ...model.values(),
        );
        expect(desired(hold)).toEqual(expected);
        const none = [...model.keys()].reduce((rest, step) => removeLayer(rest, step, "x"), hold);
        for (const [pointer, value] of Object.entries(desired(none))) expect(value).toEqual(readField(live, pointer));
      }),
    );
  });

  it("written to an object one after the other, and taken away in any order, give the object back", () => {
    fc.assert(
      fc.property(liveObjects, changes, fc.infiniteStream(fc.nat()), (start, script, order) => {
        let live = start;
        let hold: Hold | undefined;
        const add = (step: string, fields: HoldLayer["fields"]) => {
          const known = hold ?? newHold(ref, "patch", NOW);
          if (known.layers.some((each) => each.step === step)) return;
          ({ hold, live } = settled(addLayer(known, layer(step, fields), originalsOf(live), "patch"), live));
        };
        const remove = (step: string) => {
          if (hold !== undefined) ({ hold, live } = settled(removeLayer(hold, step, "no longer wanted"), live));
        };
        for (const [step, fields] of script) {
          if (fields === null) remove(step);
          else add(step, fields);
          if (hold === undefined) continue;
          const now = hold;
          expect(now.state).toBe("active");
          for (const [pointer, value] of Object.entries(desired(now))) {
            expect(sameValue(readField(live, pointer), value, pointer)).toBe(true);
          }
        }
        while (hold !== undefined && hold.layers.length > 0) {
          const index = (order.next().value ?? 0) % hold.layers.length;
          remove(hold.layers[index]?.step ?? "");
        }
        expect(hold).toBeUndefined();
        expect(withoutVersion(live)).toEqual(withoutVersion(start));
      }),
    );
  });

  it("can be taken away by the annotations on the object alone", () => {
    fc.assert(
      fc.property(liveObjects, fc.array(valuesOf, { minLength: 1, maxLength: 4 }), (start, layers) => {
        let live = start;
        let hold: Hold | undefined = newHold(ref, "patch", NOW);
        for (const [index, fields] of layers.entries()) {
          const added: Hold = addLayer(
            hold ?? newHold(ref, "patch", NOW),
            layer(`s${index}`, fields),
            originalsOf(live),
            "patch",
          );
          ({ hold, live } = settled(added, live));
        }
        const adopted = adoptHold("c", live, NOW);
        if (adopted !== undefined)
          live = settled(removeLayer(adopted, adopted.layers[0]?.step ?? "", "by hand"), live).live;
        expect(withoutVersion(live)).toEqual(withoutVersion(start));
      }),
    );
  });
});

describe("decisions", () => {
  it("are the same when they are made again, and survive the document", () => {
    fc.assert(
      fc.property(liveObjects, valuesOf, (live, fields) => {
        const hold = addLayer(newHold(ref, "patch", NOW), layer("s", fields), originalsOf(live), "patch");
        const look = { live, now: NOW, id: "i", facts: {} };
        const once = decide(hold, look);
        const document = {
          cluster: "c",
          clusterUid: "u",
          holds: once.hold === undefined ? {} : { u: once.hold },
          own: {},
          closed: [],
        };
        const stored = HoldsSchema.parse(JSON.parse(new TextDecoder().decode(encodeDocument(HoldsSchema, document))));
        expect(stored).toEqual(document);
        if (stored.holds["u"] !== undefined)
          expect(decide(stored.holds["u"], look).send).toEqual(
            once.send === undefined ? undefined : { ...once.send, isFirst: false },
          );
      }),
    );
  });
});
