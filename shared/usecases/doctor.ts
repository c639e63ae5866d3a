import type { ReconcileAgainst, SourceConfig } from "../config/types.ts";
import { locate } from "../ingestion/input/locate.ts";
import { createNotifiers } from "../interfaces/notifications/registry.ts";
import { assertFileSource } from "../ledger/collect/deps.ts";
import type { Lake } from "../ports/object-store.ts";
import type { PermissionCheck } from "../ports/permissions.ts";
import { apiCheck, reconcileCheck } from "./doctor/api-checks.ts";
import { check, checkPermission, type DoctorCheck, isPassing, unchecked } from "./doctor/check.ts";
import { clusterChecks } from "./doctor/cluster-checks.ts";
import { exchangesElsewhere, identityCheck, staticCredentialsCheck } from "./doctor/identity-checks.ts";
import { billPlaces, cloudOf, cloudsInUse, grantsFor, listedPrefix } from "./doctor/places.ts";
import { queueChecks } from "./doctor/queue-checks.ts";
import { billChecks, lakeChecks } from "./doctor/store-checks.ts";
import { openLake } from "./open-lake.ts";
import type { Runtime } from "./runtime.ts";
import type { Environment } from "./static-environment.ts";

export interface ExamineOptions {
  /** Where the queues' names and the SDKs' variables are. */
  environment: Environment;
  /** Also make the calls that cost money ($0.01 per question to Cost Explorer; a query in Athena). */
  paid?: boolean;
}

/**
 * Looks at everything a run needs, by the cheapest call for each right, and changes nothing that stays. A missing right is told with how to
 * give it; one missing right does not hide another.
 */
export async function examine(runtime: Runtime, options: ExamineOptions): Promise<DoctorCheck[]> {
  const { config, credentials, isHome } = runtime;
  const here = config.sources.filter(({ id }) => isHome(id));
  const lakes = [
    config.lake,
    ...Object.entries(config.lakes).flatMap(([name, { location }]) => (isNear(runtime, name) ? [location] : [])),
  ];
  const { against } = config.reconcile;
  const checks: DoctorCheck[] = [
    {
      what: "configuration",
      ok: true,
      detail: `${config.sources.length} sources, ${config.budgets.length} budgets`,
    },
    ...(await staticCredentialsCheck(config, options.environment)),
    ...exchangesElsewhere(credentials, config.credentials),
  ];
  for (const cloud of cloudsInUse({
    lakes,
    sources: here,
    against,
    clusters: config.clusters,
    credentials: config.credentials,
  }))
    checks.push(
      await checkPermission(await identityCheck(cloud, credentials, config.credentials), (error) => !isPassing(error)),
    );
  checks.push(...(await checkLakes(runtime, options)));
  checks.push(await check("notifications", () => Promise.resolve(describeNotifiers(runtime))));
  checks.push(...(await checkAll(await queueChecks(options.environment, credentials))));
  for (const source of config.sources)
    checks.push(...(isHome(source.id) ? await checkSource(runtime, source, options) : [elsewhere(source)]));
  for (const each of against) checks.push(...(await checkTotal(runtime, each, options)));
  checks.push(...(await clusterChecks(runtime)));
  return checks;
}

/** A bill is read where its source has its home (L10). */
function elsewhere({ id, lake }: SourceConfig): DoctorCheck {
  const where =
    lake === undefined ? "at the primary lake: without GENOPS_HOME" : `at the lake ${lake}: GENOPS_HOME=${lake}`;
  return unchecked(`source ${id}`, `it is collected ${where}`);
}

/** Rows that this process may reach, and a source that has them. */
function isNear({ config, isHere }: Runtime, lake: string): boolean {
  return config.sources.some((source) => source.lake === lake && isHere(source.id));
}

/** One after the other: later ones use what earlier ones have written. */
async function checkAll(permissions: readonly PermissionCheck[]): Promise<DoctorCheck[]> {
  const checks: DoctorCheck[] = [];
  for (const permission of permissions) checks.push(await checkPermission(permission));
  return checks;
}

/** The primary lake, and those that rows stay in as far as this process may reach them. */
async function checkLakes(runtime: Runtime, { environment }: ExamineOptions): Promise<DoctorCheck[]> {
  const { config, clock, credentials, randomness } = runtime;
  const { allowStaticCredentials, baseDir } = config;
  const checks = await checkLake(runtime, config.lake, "lake", async () => runtime.lake);
  for (const [name, { location }] of Object.entries(config.lakes)) {
    const what = `lake ${name}`;
    const open = () =>
      openLake(location, { clock, credentials, environment, allowStaticCredentials, baseDir, randomness });
    checks.push(
      ...(isNear(runtime, name)
        ? await checkLake(runtime, location, what, open)
        : [unchecked(what, "its rows stay where they are: run the doctor there")]),
    );
  }
  return checks;
}

/** On this machine a lake is looked at as a whole, in a cloud right by right. */
async function checkLake(
  { randomness }: Runtime,
  location: string,
  what: string,
  open: () => Promise<Lake>,
): Promise<DoctorCheck[]> {
  const key = `doctor/${randomness.id()}`;
  const grants = await grantsFor(location);
  if (grants !== undefined) return checkAll(lakeChecks(open, `${what} ${location}`, key, grants));
  const here = { right: "", how: "" };
  const steps = lakeChecks(open, what, key, { list: here, read: here, write: here, delete: here });
  return [
    await check(what, async () => {
      for (const { ask } of steps) await ask();
      return `${location}: conditional writes hold`;
    }),
  ];
}

function describeNotifiers({ config, clock }: Runtime): string {
  const notifiers = createNotifiers(config.notifications, { clock });
  return notifiers.length === 0
    ? "none configured: findings are only shown here"
    : notifiers.map(({ id }) => id).join(", ");
}

async function checkTotal(
  { apis, clock }: Runtime,
  against: ReconcileAgainst,
  options: ExamineOptions,
): Promise<DoctorCheck[]> {
  const asked = await reconcileCheck(against, { apis, clock, paid: options.paid === true });
  return asked === undefined ? [] : [await checkPermission(asked)];
}

async function checkSource(runtime: Runtime, source: SourceConfig, options: ExamineOptions): Promise<DoctorCheck[]> {
  const { apis, clock } = runtime;
  const api = await apiCheck(source, { apis, clock, paid: options.paid === true });
  if (api !== undefined) return [await checkPermission(api)];
  const places = billPlaces(source).filter(({ location }) => cloudOf(location) !== undefined);
  const rights: DoctorCheck[] = [];
  for (const { role, location } of places) {
    const grants = await grantsFor(location);
    if (grants === undefined) continue;
    const open = async () => {
      const { store } = await runtime.openBills(location);
      return { store, prefix: listedPrefix(location) };
    };
    const name = `source ${source.id}${role === "bill" ? "" : ` (${role})`}`;
    rights.push(...(await checkAll(billChecks(open, name, grants))));
  }
  return [...rights, await check(`source ${source.id}`, () => describeBills(runtime, source))];
}

async function describeBills(runtime: Runtime, source: SourceConfig): Promise<string> {
  assertFileSource(source);
  const found: string[] = [];
  for (const { role, location } of billPlaces(source)) {
    const deliveries = await locate(location, runtime.config.baseDir, { openBills: runtime.openBills });
    const files = deliveries.reduce((sum, delivery) => sum + delivery.files.length, 0);
    found.push(`${role === "bill" ? "" : `${role}: `}${files} ${files === 1 ? "file" : "files"}`);
  }
  return found.join(", ");
}
