import { afterAll, beforeAll, describe } from "vitest";
import type { ClusterTarget } from "../target.ts";
import { access } from "./conformance/access.ts";
import { admitting } from "./conformance/admitting.ts";
import { applying } from "./conformance/applying.ts";
import { controllers } from "./conformance/controllers.ts";
import { evicting } from "./conformance/evicting.ts";
import { operators } from "./conformance/operators.ts";
import { patching } from "./conformance/patching.ts";
import { reading } from "./conformance/reading.ts";
import { scaling } from "./conformance/scaling.ts";
import { type Lab, openLab } from "./lab.ts";

const PARTS = { reading, patching, applying, scaling, admitting, evicting, controllers, access, operators } as const;

/**
 * What we rely on in a Kubernetes API server (`reference/kubernetes.md` §7), as promises. The fake server and the real control planes run
 * the same ones: what the fake pretends is what the real one does. `target` is asked for when the tests run.
 */
export function describeConformance(name: string, target: () => ClusterTarget): void {
  describe(`Kubernetes API: ${name}`, () => {
    for (const [part, promises] of Object.entries(PARTS)) {
      describe(`${part}`, () => {
        let lab: Lab | undefined;
        beforeAll(async () => {
          lab = await openLab(target());
        });
        afterAll(() => lab?.close());
        promises(() => {
          if (lab === undefined) throw new Error("the lab is not open");
          return lab;
        });
      });
    }
  });
}
