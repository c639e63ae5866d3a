import type { SqlEngine } from "../../ports/sql-engine.ts";

const DAY = { DMY: "%d/%m/%Y", MDY: "%m/%d/%Y" } as const;

/**
 * Lets `instant()` read `03/04/2024` in the order that the source's `dateFormat` names, with or without a time. Without `dateFormat` such dates
 * stay refused: nobody can tell the day from the month. What is no date in that order is refused like any other.
 */
export async function readSlashDates(engine: SqlEngine, dateFormat: "DMY" | "MDY" | undefined): Promise<void> {
  if (dateFormat === undefined) return;
  const day = DAY[dateFormat];
  const formats = [day, `${day} %H:%M:%S`, `${day} %H:%M`].map((format) => `'${format}'`).join(", ");
  await engine.run(`CREATE OR REPLACE TEMP MACRO instant(t) AS CASE
    WHEN contains(t, '/') THEN coalesce(try_strptime(t, [${formats}]), error('invalid timestamp: "' || t || '"'))
    ELSE memory.main.instant(t) END`);
}
