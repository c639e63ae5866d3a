import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { PLAN_STATES, type PlanRecord } from "../../../../shared/clusters/enforcement/approvals/types.ts";
import type { Plan } from "../../../../shared/clusters/enforcement/types.ts";
import { parseDecimal } from "../../../../shared/core/decimal.ts";
import { SLACK_ACTIONS } from "../../../../shared/interfaces/hooks/slack-payload.ts";
import { planNotice } from "../../../../shared/interfaces/notifications/plan-message/plan-notice.ts";
import { stepText } from "../../../../shared/interfaces/notifications/plan-message/step-text.ts";
import { approvablePlan, scaleStep } from "../../../support/plans.ts";
import { anyText } from "./support.ts";

function record(plan: Plan, over: Partial<PlanRecord> = {}): PlanRecord {
  return {
    plan,
    state: "waiting",
    proposedAt: "2026-11-22T04:00:00.000Z",
    requesters: [plan.requester],
    updatedAt: "2026-11-22T04:00:00.000Z",
    revision: 1,
    decided: 0,
    changes: [{ revision: 1, at: "2026-11-22T04:00:00.000Z", state: "waiting", text: "proposed" }],
    ...over,
  };
}

/** A block in prod at 4 a.m., of every kind of write. */
const atFour = approvablePlan({
  hash: "7f3c".repeat(16),
  requester: "genops",
  wants: [
    {
      policy: "budget/team-ml/2026-11-01/threshold-100-actual-block",
      budget: "team/ml",
      action: "block",
      rung: "block",
      scopes: [{ team: ["ml"], environment: ["prod"] }],
      period: { start: "2026-11-01", end: "2026-12-01" },
      currency: "USD",
      expiresAt: "2026-12-01T00:00:00.000Z",
    },
  ],
  steps: [
    scaleStep({ name: "trainer", rung: "block", environment: "prod", remarks: ["jobs in it lose their work"] }),
    scaleStep({ name: "indexer", rung: "block", environment: "prod", savesPerHour: parseDecimal("0.75") }),
    scaleStep({
      name: "nightly",
      subject: "CronJob ml/nightly",
      action: "suspend-cron-job",
      rung: "freeze",
      environment: "prod",
      write: {
        kind: "fields",
        via: "patch",
        target: {
          cluster: "aws-cluster",
          apiVersion: "batch/v1",
          kind: "CronJob",
          namespace: "ml",
          name: "nightly",
          uid: "u",
        },
        fields: [{ pointer: "/spec/suspend", from: { absent: true }, to: { value: true } }],
      },
      savesPerHour: parseDecimal("0"),
      pods: 0,
    }),
    scaleStep({
      name: "pool",
      subject: "Node ip-10-0-0-7",
      action: "taint-nodes",
      rung: "freeze",
      environment: "prod",
      write: {
        kind: "fields",
        via: "patch",
        target: { cluster: "aws-cluster", apiVersion: "v1", kind: "Node", name: "ip-10-0-0-7", uid: "n" },
        fields: [
          {
            pointer: "/spec/taints[genops.ai/budget:NoSchedule]",
            from: { absent: true },
            to: { value: { key: "genops.ai/budget", value: "team-ml", effect: "NoSchedule" } },
          },
        ],
      },
      savesPerHour: parseDecimal("0"),
      pods: 0,
    }),
  ],
  leftOut: [
    {
      subject: "Deployment payments/api",
      policy: "p",
      reason: "namespace payments is not opted in (label genops.ai/enforce)",
    },
    {
      subject: "Deployment payments/web",
      policy: "p",
      reason: "namespace payments is not opted in (label genops.ai/enforce)",
    },
    { subject: "StatefulSet ml/db", policy: "p", reason: "Argo CD owns its replicas and would put them back" },
  ],
  savesPerHour: parseDecimal("13.05"),
  savesUntilEnd: parseDecimal("2505.6"),
  needs: { mode: "approve", approvals: 2 },
});

/** What a person sees, top to bottom. */
function seen(blocks: readonly unknown[]): string {
  const lines = (node: unknown): string[] => {
    if (typeof node !== "object" || node === null) return [];
    if (Array.isArray(node)) return node.flatMap(lines);
    const { text, type, ...rest } = node as { text?: unknown; type?: unknown };
    const own = typeof text === "string" ? [text] : lines(text);
    if (type === "button") return [`[${own.join("")}]`, ...lines(rest)];
    return [...own, ...Object.values(rest).flatMap(lines)];
  };
  return lines(blocks).join("\n");
}

describe("the message about a plan", () => {
  it("reads well at four in the morning", () => {
    const notice = planNotice(record(atFour));
    expect(`${notice.message.text}\n\n${seen(notice.message.blocks)}\n`).toBe(
      readFileSync(new URL("../../../fixtures/slack/plan-at-four.txt", import.meta.url), "utf8"),
    );
  });

  it("has buttons that carry the plan's hash, and asks once more before a block", () => {
    const actions = buttonsOf(record(atFour));
    expect(actions.map(({ action_id, value }) => [action_id, value])).toEqual([
      [SLACK_ACTIONS.approve, atFour.hash],
      [SLACK_ACTIONS.reject, atFour.hash],
      [SLACK_ACTIONS.snooze, atFour.hash],
      [SLACK_ACTIONS.exempt, undefined],
    ]);
    expect(actions.map(({ confirm }) => confirm !== undefined)).toEqual([true, false, false, true]);
    expect(buttonsOf(record(approvablePlan()))[0]?.confirm).toBeUndefined();
  });

  it("can still be stopped when it is approved, and not approved again", () => {
    const actions = buttonsOf(record(atFour, { state: "approved" }));
    expect(actions.map(({ action_id }) => action_id)).toEqual([
      SLACK_ACTIONS.reject,
      SLACK_ACTIONS.snooze,
      SLACK_ACTIONS.exempt,
    ]);
  });

  it("offers workloads and namespaces of the plan to exempt, each once", () => {
    const groups = buttonsOf(record(atFour))[3]?.option_groups ?? [];
    expect(groups.map(({ options }) => options.map(({ text, value }) => [text.text, value.split(":")[1]]))).toEqual([
      [
        ["Deployment ml/trainer", "w0"],
        ["Deployment ml/indexer", "w1"],
        ["CronJob ml/nightly", "w2"],
      ],
      [["ml", "n0"]],
    ]);
  });

  it("has no buttons without a way back, in dry-run, and when it is over; it says how to approve while it waits", () => {
    const dry = { ...atFour, needs: { mode: "dry-run", approvals: 2 } as const };
    expect(buttonsOf(record(dry))).toEqual([]);
    for (const state of PLAN_STATES) {
      const { message, withoutButtons } = planNotice(record(atFour, { state }));
      const open = state === "waiting" || state === "approved" || state === "snoozed";
      expect(JSON.stringify(message.blocks).includes('"actions"')).toBe(open);
      expect(JSON.stringify(withoutButtons.blocks)).not.toContain('"actions"');
      const asks = state === "waiting" || state === "snoozed";
      const command = `genops enforce approve ${atFour.hash} --token-file`;
      expect(JSON.stringify(withoutButtons.blocks).includes(command)).toBe(asks);
    }
  });

  it.each([
    [
      "approved",
      { detail: "approved by alice@example.com and bob@example.com" },
      /Approved by alice@example.com and bob/,
    ],
    [
      "waiting",
      { detail: "approved so far by alice@example.com" },
      /2 approvals .*, approved so far by alice@example.com/,
    ],
    [
      "rejected",
      { detail: "by bob@example.com: not tonight", until: "2026-12-01T00:00:00.000Z" },
      /by bob@example.com: not tonight.*before 2026-12-01 00:00 UTC/,
    ],
    [
      "snoozed",
      { detail: "by bob@example.com", until: "2026-11-22T08:00:00.000Z" },
      /asked again at 2026-11-22 08:00 UTC/,
    ],
    ["expired", {}, /Nobody approved it in time, so nothing was done/],
    ["applying", { progress: { done: 1, of: 4 } }, /Applying 1 of 4/],
    ["applied", { progress: { done: 4, of: 4 } }, /Applied 4 of 4.*put back by itself/],
    [
      "contested",
      { detail: "Deployment ml/trainer by argocd-controller" },
      /changed it back, so GenOps stopped, Deployment/,
    ],
    ["restored", { detail: "new period" }, /Everything is as it was before, new period/],
    ["failed", { progress: { done: 1, of: 4 }, detail: "3 refused" }, /not be carried out wholly 1 of 4, 3 refused/],
  ] as const)("says what it means that a plan is %s", (state, over, words) => {
    expect(planNotice(record(atFour, { state, ...over })).message.text).toMatch(words);
  });

  it("tells changes, but not that it was proposed, which the message itself says", () => {
    const changes = [
      { revision: 1, at: "x", state: "waiting", text: "proposed" },
      { revision: 2, at: "x", state: "approved", text: "approved by alice@example.com (1 of 1)" },
    ] as const;
    expect(planNotice(record(atFour, { revision: 2, changes })).changes).toEqual([
      { revision: 2, text: "Approved by alice@example.com (1 of 1)" },
    ]);
  });

  it("stays within Slack's limits and keeps hostile text inert, whatever the plan holds", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ subject: anyText, reverse: anyText, remark: anyText, reversible: fc.boolean() }), {
          maxLength: 60,
        }),
        fc.array(fc.record({ subject: anyText, reason: anyText, policy: anyText }), { maxLength: 60 }),
        fc.record({ cluster: anyText, budget: anyText, currency: anyText, detail: anyText, environment: anyText }),
        fc.constantFrom(...PLAN_STATES),
        (steps, leftOut, texts, state) => {
          const plan = approvablePlan({
            ...atFour,
            ...texts,
            steps: steps.map(({ remark, ...step }, index) =>
              scaleStep({
                name: `w${index}`,
                rung: "block",
                namespace: `${step.subject}${index}`,
                ...step,
                environment: texts.environment,
                remarks: [remark],
              }),
            ),
            leftOut,
            wants: atFour.wants.map((want) => ({ ...want, budget: texts.budget, policy: texts.budget })),
            remarks: steps.map(({ remark }) => remark),
          });
          const { message, withoutButtons } = planNotice(record(plan, { state, detail: texts.detail }));
          for (const { text, blocks } of [message, withoutButtons]) {
            expect(blocks.length).toBeLessThanOrEqual(50);
            expect(JSON.stringify(blocks).length).toBeLessThanOrEqual(12_500);
            expect(text.length).toBeLessThanOrEqual(1_000);
            for (const leaf of textsOf(blocks)) {
              expect(leaf.text.length).toBeGreaterThan(0);
              expect(leaf.text.length).toBeLessThanOrEqual(leaf.limit);
              expect(leaf.text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
              expect(leaf.type === "mrkdwn" && !/^\*[A-Za-z0-9 -]+\*$/.test(leaf.text)).toBe(false);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("a step in words", () => {
  it.each([
    [scaleStep({ to: 1 }), "Deployment ml/trainer: replicas 5 → 1 (saves 12.30 USD per hour)"],
    [
      scaleStep({
        subject: "ScaledObject ml/queue",
        savesPerHour: parseDecimal("0"),
        write: {
          kind: "fields",
          via: "patch",
          target: { cluster: "c", apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", name: "queue", uid: "u" },
          fields: [
            {
              pointer: "/metadata/annotations/autoscaling.keda.sh~1paused-scale-out",
              from: { absent: true },
              to: { value: "true" },
            },
          ],
        },
      }),
      "ScaledObject ml/queue: autoscaling.keda.sh/paused-scale-out not set → true",
    ],
    [
      scaleStep({
        subject: "pods of ml",
        savesPerHour: parseDecimal("0"),
        reversible: false,
        write: {
          kind: "evict",
          pods: ["a", "b", "c", "d"].map((name) => ({ apiVersion: "v1", kind: "Pod", name, uid: name })),
        },
      }),
      "pods of ml: evict pod a, pod b, pod c and 1 more ⚠️ cannot be undone",
    ],
    [
      scaleStep({
        subject: "node pool gpu",
        savesPerHour: parseDecimal("0"),
        write: { kind: "billing", control: "eks node group gpu", from: { desired: 5 }, to: { desired: 0 } },
      }),
      'node pool gpu: eks node group gpu {"desired":5} → {"desired":0}',
    ],
    [
      scaleStep({
        subject: "namespace ml",
        savesPerHour: parseDecimal("0"),
        write: {
          kind: "objects",
          objects: [{ apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "genops-budget" } }],
        },
      }),
      "namespace ml: create ResourceQuota genops-budget",
    ],
    [
      scaleStep({
        subject: "Node n1",
        savesPerHour: parseDecimal("0"),
        write: { kind: "delete", target: { cluster: "c", apiVersion: "v1", kind: "Node", name: "n1", uid: "u" } },
      }),
      "Node n1: delete Node n1",
    ],
  ])("%#", (step, words) => {
    expect(stepText(step, "USD")).toBe(words);
  });
});

const Elements = z.array(
  z.object({
    action_id: z.string(),
    value: z.string().optional(),
    confirm: z.unknown().optional(),
    option_groups: z
      .array(z.object({ options: z.array(z.object({ text: z.object({ text: z.string() }), value: z.string() })) }))
      .optional(),
  }),
);
const Blocks = z.array(z.object({ type: z.string(), elements: z.unknown().optional() }));

function buttonsOf(of: PlanRecord): z.infer<typeof Elements> {
  const block = Blocks.parse(planNotice(of).message.blocks).find(({ type }) => type === "actions");
  return Elements.parse(block?.elements ?? []);
}

interface Leaf {
  type: string;
  text: string;
  limit: number;
}

/** Every text of the blocks with the limit that Slack sets for it there. */
function textsOf(node: unknown, limit = 3_000): Leaf[] {
  if (typeof node !== "object" || node === null) return [];
  if (Array.isArray(node)) return node.flatMap((each) => textsOf(each, limit));
  const { type, text, ...rest } = node as { type?: string; text?: unknown };
  if (typeof text === "string") return [{ type: type ?? "", text, limit }];
  const own = type === "header" ? 150 : type === "button" ? 75 : limit;
  const inner = Object.entries(rest).flatMap(([key, value]) =>
    textsOf(value, key === "fields" ? 2_000 : key === "options" || key === "option_groups" ? 75 : limit),
  );
  return [...textsOf(text, own), ...inner];
}
