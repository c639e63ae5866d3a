import * as z from "zod";
import { GenOpsError, messageOf } from "../core/errors.ts";
import type { ClusterAllocation, OpenCostApi } from "../ports/billing-apis.ts";

const Texts = z.record(z.string(), z.string());
const Entry = z.looseObject({
  name: z.string(),
  properties: z
    .looseObject({
      cluster: z.string().optional(),
      namespace: z.string().optional(),
      controllerKind: z.string().optional(),
      controller: z.string().optional(),
      labels: Texts.nullish(),
      namespaceLabels: Texts.nullish(),
    })
    .nullish(),
  /** NaN and infinities arrive as null. */
  totalCost: z.number().nullish(),
});
const Answer = z.looseObject({
  code: z.number().optional(),
  message: z.string().optional(),
  data: z.array(z.record(z.string(), Entry).nullable()).nullish(),
});

const TIMEOUT_MS = 60_000;

/** OpenCost over HTTP. `url` is the API's base, such as `http://opencost.opencost:9003`. */
export function createOpenCostApi({ id, url }: { id: string; url: string }): OpenCostApi {
  return {
    async allocation({ start, end }) {
      const query = new URLSearchParams({
        window: `${start}T00:00:00Z,${end}T00:00:00Z`,
        aggregate: "cluster,namespace,controllerKind,controller",
        includeIdle: "true",
        accumulate: "true",
      });
      const answer = await ask(`${url.replace(/\/+$/, "")}/allocation/compute?${query}`, id);
      return (answer.data ?? []).flatMap((step) => Object.values(step ?? {}).flatMap((entry) => allocationOf(entry)));
    },
  };
}

async function ask(address: string, source: string): Promise<z.output<typeof Answer>> {
  const place = { source };
  const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((error: unknown) => {
    throw new GenOpsError("unavailable", `OpenCost does not answer: ${messageOf(error)}`, { place, cause: error });
  });
  const text = await response.text();
  if (!response.ok) {
    const code = response.status >= 500 || response.status === 429 ? "unavailable" : "config";
    throw new GenOpsError(code, `OpenCost answers ${response.status}: ${text.slice(0, 200)}`, { place });
  }
  const parsed = Answer.safeParse(jsonOf(text, source));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new GenOpsError(
      "refused",
      `OpenCost's answer is not an allocation: ${issue?.message ?? ""} at ${issue?.path.join(".") ?? ""}`,
      { place },
    );
  }
  return parsed.data;
}

function jsonOf(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new GenOpsError("refused", `OpenCost's answer is no JSON: ${messageOf(error)}`, {
      place: { source },
      cause: error,
    });
  }
}

function allocationOf({ name, properties, totalCost }: z.output<typeof Entry>): ClusterAllocation[] {
  if (totalCost == null || totalCost === 0) return [];
  const { labels, namespaceLabels, cluster, namespace, controllerKind, controller } = properties ?? {};
  return [
    {
      name,
      properties: {
        ...(cluster === undefined ? {} : { cluster }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(controllerKind === undefined ? {} : { controllerKind }),
        ...(controller === undefined ? {} : { controller }),
        ...(labels == null ? {} : { labels }),
        ...(namespaceLabels == null ? {} : { namespaceLabels }),
      },
      // OpenCost rounds to six decimals, so the shortest decimal text of the number is what it sent.
      totalCost: String(totalCost),
    },
  ];
}
