import { addDays, addMonths, type Day, dayOf } from "../../core/period.ts";
import { sqlText } from "../../ports/sql-engine.ts";
import { type CubeShape, ensureCube, findCube } from "../build-cube.ts";
import { parquetOf } from "../collect/write-rows.ts";
import { readHead } from "../head.ts";
import { updateDocument } from "../json-document.ts";
import type { OpenCostsDeps } from "../open-costs.ts";
import type { CommittedVersion } from "../versions.ts";
import { type DailySums, HORIZON_DAYS, KnowledgeSchema, knowledgeKey, seriesName, withVersion } from "./knowledge.ts";
import { readKnowledge } from "./read-lags.ts";

/** Superseded versions that one call looks into, the newest: after a long pause a lake must not be read through. */
const CATCH_UP = 16;

/**
 * Writes down what versions said about their youngest days, as far as it is not written down yet: the current ones given, and those
 * before them that are still kept and have a cube. Safe to run twice and at the same time elsewhere.
 */
export async function recordKnowledge(
  deps: OpenCostsDeps,
  shape: CubeShape,
  current: readonly CommittedVersion[],
): Promise<void> {
  for (const version of current.filter(hasYoungDays)) await recordPeriod(deps, shape, version);
}

/** A month that was long over when it was committed says nothing about lag. */
function hasYoungDays({ billingPeriod, committedAt }: CommittedVersion): boolean {
  return addDays(`${addMonths(billingPeriod, 1)}-01`, HORIZON_DAYS) >= dayOf(new Date(committedAt));
}

async function recordPeriod(deps: OpenCostsDeps, shape: CubeShape, current: CommittedVersion): Promise<void> {
  const { source, billingPeriod } = current;
  const key = knowledgeKey(source, billingPeriod);
  const { knowledge } = await readKnowledge(deps.lake, key);
  // What cannot be read is of no use to anybody: the history that is still kept is written down anew.
  if (knowledge === "unreadable") await deps.lake.delete(key);
  const through = knowledge === "unreadable" ? undefined : knowledge?.through;
  if (through !== undefined && through >= current.committedAt) return;
  for (const version of await unrecorded(deps, current, through)) {
    const file = await cubeOf(deps, shape, version, current);
    if (file === undefined) continue;
    const sums = await dailySums(deps, file, version);
    await updateDocument(deps.lake, key, KnowledgeSchema, (before) =>
      withVersion(before, billingPeriod, version.committedAt, sums),
    );
  }
}

async function unrecorded(
  { lake }: OpenCostsDeps,
  current: CommittedVersion,
  through: string | undefined,
): Promise<CommittedVersion[]> {
  const head = await readHead(lake, current.source, current.billingPeriod);
  const before = (head?.value.versions ?? []).filter(
    (version) => version.committedAt < current.committedAt && (through === undefined || version.committedAt > through),
  );
  return [...before.filter(hasYoungDays).slice(-CATCH_UP), current];
}

/** A cube is built for the current version only: building those of the past would read every row of it again. */
async function cubeOf(
  deps: OpenCostsDeps,
  shape: CubeShape,
  version: CommittedVersion,
  current: CommittedVersion,
): Promise<string | undefined> {
  return version.id === current.id ? ensureCube(deps, shape, version) : findCube(deps.lake, shape, version);
}

/** Effective cost of the days that are young enough, by provider, and by provider and service. */
async function dailySums(
  { engine }: OpenCostsDeps,
  file: string,
  { committedAt }: CommittedVersion,
): Promise<DailySums> {
  const today = dayOf(new Date(committedAt));
  const rows = await engine.query(
    `WITH young AS (
       SELECT provider, service, currency, date, sum(effective) AS amount FROM ${parquetOf([file])}
       WHERE NOT coalesce(metered, false) AND date >= DATE ${sqlText(addDays(today, -HORIZON_DAYS - 1))} AND date <= DATE ${sqlText(today)}
       GROUP BY ALL)
     SELECT provider, service, currency, date::VARCHAR AS day, round(amount, 6)::VARCHAR AS amount FROM young WHERE service IS NOT NULL
     UNION ALL
     SELECT provider, NULL, currency, date::VARCHAR, round(sum(amount), 6)::VARCHAR FROM young GROUP BY ALL`,
  );
  const sums = new Map<string, Map<Day, string>>();
  for (const row of rows) {
    const service = row["service"] === null ? null : String(row["service"]);
    const name = seriesName({ provider: String(row["provider"]), service, currency: String(row["currency"]) });
    const days = sums.get(name) ?? new Map<Day, string>();
    sums.set(name, days.set(String(row["day"]), String(row["amount"])));
  }
  return sums;
}
