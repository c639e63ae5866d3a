import type { Alert, RememberedAlert } from "../../types.ts";
import { isRepeat, type SilenceRules } from "./silence.ts";

/** When a look is news. */
export interface NewsRules {
  /** Least score. */
  threshold: number;
  /** Least impact. */
  floor: number;
  silence: SilenceRules;
}

/** What a look has to tell, and what people know already. */
export interface News {
  told: Alert | undefined;
  repeats: Alert[];
}

/** Chooses from what stands out, most telling first, the one alert of a look. `now` is the end of the newest period known. */
export function newsOf(
  due: readonly Alert[],
  memory: readonly RememberedAlert[],
  now: number,
  step: number,
  rules: NewsRules,
): News {
  const repeats: Alert[] = [];
  for (const alert of due) {
    if (alert.score < rules.threshold) break;
    if (isRepeat(memory, alert, now, step, rules.silence)) repeats.push(alert);
    else if (alert.impact >= rules.floor) return { told: alert, repeats };
  }
  return { told: undefined, repeats };
}

/** The memory with one alert more. What is older than anything that could be a repeat is forgotten. */
export function remember(
  memory: readonly RememberedAlert[],
  alert: Alert,
  now: number,
  step: number,
  { wayBack }: SilenceRules,
): RememberedAlert[] {
  return [...memory.filter((one) => one.alertedAt > now - 2 * wayBack * step), { ...alert, alertedAt: now }];
}
