import type { Alert, AlertMemory, RememberedAlert } from "../../types.ts";

/** Alerts older than this many periods say nothing about new ones. */
export function remember(alerts: readonly RememberedAlert[], alert: Alert, alertedAt: number, oldest: number): RememberedAlert[] {
  return [...alerts.filter((one) => one.alertedAt >= oldest), { ...alert, alertedAt }];
}

/** The memory as plain JSON. */
export const toMemory = (alerts: readonly RememberedAlert[]): AlertMemory => ({ alerts: [...alerts] });
