import type { PlanRecord } from "../../../../shared/clusters/enforcement/approvals/types.ts";
import { formatMoney } from "../../../../shared/interfaces/console/money-text.ts";
import { setKillSwitch } from "../../../../shared/usecases/enforce/kill-switch.ts";
import type { ClusterSaving } from "../../../../shared/usecases/enforce/realised.ts";
import { type EnforceStatus, enforceStatus, heldWork, statusJson } from "../../../../shared/usecases/enforce/status.ts";
import type { Runtime } from "../../../../shared/usecases/runtime.ts";
import { answer } from "../../answer.ts";
import type { Format, Output } from "../../output.ts";

/** `genops enforce status`: 0, or 1 when something is contested, has failed or is stopped. */
export async function statusCommand(runtime: Runtime, out: Output, format: Format): Promise<number> {
  const status = await enforceStatus(runtime);
  const held = heldWork(status);
  const document = statusJson(status);
  answer(out, format, {
    document,
    records: document.held,
    print: () => print(out, status, runtime.config.currency.report),
  });
  const needsAttention = held.some(({ state }) => state === "contested" || state === "failed");
  return needsAttention || status.stop?.stopped === true ? 1 : 0;
}

function print(out: Output, status: EnforceStatus, currency: string): void {
  const { stop, plans, savings } = status;
  if (stop?.stopped === true) out.line(`STOPPED since ${stop.at} by ${stop.by}: ${stop.reason}`);
  const held = heldWork(status);
  if (held.length === 0) out.line("Nothing is held.");
  else {
    out.table(
      [
        { title: "cluster" },
        { title: "state" },
        { title: "step" },
        { title: "what", whole: true },
        { title: "an hour", align: "right" },
        { title: "until" },
        { title: "because of", leaveOut: 1 },
      ],
      held.map((each) => [
        each.cluster,
        { text: each.state, color: each.state === "active" ? "green" : "yellow" },
        each.action,
        each.subject,
        formatMoney(each.savesPerHour, currency),
        each.expiresAt,
        each.policy,
      ]),
    );
  }
  for (const saving of savings) out.line(savingText(saving, currency));
  for (const { plan, state, detail } of plans)
    out.line(
      `plan ${plan.hash.slice(0, 16)} for ${plan.cluster}: ${state}${detail === undefined ? "" : `: ${detail}`}`,
    );
}

/** The cluster's whole change: what else grew or shrank meanwhile is in it. */
function savingText(saving: ClusterSaving, currency: string): string {
  const { cluster, plannedPerHour, realisedPerHour, days, waitsFor } = saving;
  const planned = `${cluster}: planned to save ${formatMoney(plannedPerHour, currency)} an hour`;
  return realisedPerHour === undefined
    ? `${planned}; the bill does not tell yet: it waits for ${waitsFor}`
    : `${planned}; by the bill of ${days} days it is ${formatMoney(realisedPerHour, currency)}`;
}

export interface StopOptions {
  lift?: boolean;
  by: string;
  reason: string;
}

/** `genops enforce stop`: the kill switch. */
export async function stopCommand(
  runtime: Runtime,
  out: Output,
  format: Format,
  options: StopOptions,
): Promise<number> {
  const { lift, by, reason } = options;
  const stop = await setKillSwitch(
    { store: runtime.lake, clock: runtime.clock },
    { stopped: lift !== true, by, reason },
  );
  answer(out, format, {
    document: stop,
    records: [stop],
    print: () =>
      out.line(
        stop.stopped
          ? "Stopped: nothing is written any more. What is held stays; genops enforce restore --all gives it back."
          : "Going on.",
      ),
  });
  return 0;
}

export function printDecided(out: Output, format: Format, record: PlanRecord): void {
  const { plan, state, detail } = record;
  const document = { plan: plan.hash, state, ...(detail === undefined ? {} : { detail }) };
  answer(out, format, {
    document,
    records: [document],
    print: () => out.line(`plan ${plan.hash.slice(0, 16)}: ${state}${detail === undefined ? "" : `, ${detail}`}`),
  });
}
