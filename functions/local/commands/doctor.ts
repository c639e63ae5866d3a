import { messageOf } from "../../../shared/core/errors.ts";
import { locate } from "../../../shared/ingestion/input/locate.ts";
import type { FileSourceType } from "../../../shared/ingestion/sources/bill.ts";
import { fileSourceOf } from "../../../shared/ingestion/sources/registry.ts";
import { createNotifiers } from "../../../shared/interfaces/notifications/registry.ts";
import { assertFileSource } from "../../../shared/ledger/collect/ingest-delivery.ts";
import type { Runtime } from "../../../shared/usecases/runtime.ts";
import { answer } from "../answer.ts";
import type { Format, Output } from "../output.ts";

interface Check {
  what: string;
  ok: boolean;
  detail: string;
}

/** Looks at everything a run needs and changes nothing that stays. Exit code 1 when something is wrong. */
export async function doctor(runtime: Runtime, out: Output, format: Format): Promise<number> {
  const checks: Check[] = [
    {
      what: "configuration",
      ok: true,
      detail: `${runtime.config.sources.length} sources, ${runtime.config.budgets.length} budgets`,
    },
    await check("lake", () => checkLake(runtime)),
    await check("notifications", () => Promise.resolve(describeNotifiers(runtime))),
  ];
  for (const source of runtime.config.sources)
    checks.push(await check(`source ${source.id}`, () => checkSource(runtime, source)));
  answer(out, format, { document: { checks }, records: checks, print: () => printChecks(out, checks) });
  return checks.every(({ ok }) => ok) ? 0 : 1;
}

function printChecks(out: Output, checks: readonly Check[]): void {
  out.table(
    [{ title: "" }, { title: "check", whole: true }, { title: "detail" }],
    checks.map(({ what, ok, detail }) => [
      ok ? { text: "✓", color: "green" } : { text: "✗", color: "red" },
      what,
      detail,
    ]),
  );
}

async function check(what: string, work: () => Promise<string>): Promise<Check> {
  try {
    return { what, ok: true, detail: await work() };
  } catch (error) {
    return { what, ok: false, detail: messageOf(error) };
  }
}

/** Writes, replaces and removes one object by compare-and-swap. */
async function checkLake({ lake, config, randomness }: Runtime): Promise<string> {
  const key = `doctor/${randomness.id()}`;
  const body = new TextEncoder().encode("{}");
  const created = await lake.put(key, body, { create: true });
  const refused = await lake.put(key, body, { create: true });
  await lake.delete(key);
  if (!created.ok || refused.ok) throw new Error("conditional writes do not hold: this storage cannot be a lake");
  return `${config.lake}: conditional writes hold`;
}

function describeNotifiers({ config, clock }: Runtime): string {
  const notifiers = createNotifiers(config.notifications, { clock });
  return notifiers.length === 0
    ? "none configured: findings are only shown here"
    : notifiers.map(({ id }) => id).join(", ");
}

async function checkSource(runtime: Runtime, source: Runtime["config"]["sources"][number]): Promise<string> {
  assertFileSource(source);
  const found: string[] = [];
  for (const { role, location } of fileSourceOf<FileSourceType>(source.type).locations(source)) {
    const deliveries = await locate(location, runtime.config.baseDir);
    const files = deliveries.reduce((sum, delivery) => sum + delivery.files.length, 0);
    found.push(`${role === "bill" ? "" : `${role}: `}${files} ${files === 1 ? "file" : "files"}`);
  }
  return found.join(", ");
}
