import { createSystemClock, createSystemRandomness } from "../../../../shared/platforms/local/system.ts";
import type { DoctorCheck } from "../../../../shared/usecases/doctor/check.ts";
import { type ExamineOptions, examine } from "../../../../shared/usecases/doctor.ts";
import { createRuntime, type Runtime } from "../../../../shared/usecases/runtime.ts";
import { createFolders, NO_APIS } from "../../../support/collect-deps.ts";
import { parse } from "../../config/parse.ts";

export const folders = createFolders();

/** Who nobody asked about is whoever the SDK would find. */
const NOBODY = {
  home: "local",
  aws: () => Promise.reject(new Error("aws was asked")),
  azure: () => Promise.reject(new Error("azure was asked")),
  gcp: () => Promise.reject(new Error("gcp was asked")),
} as const;

/** What the doctor says of a configuration, with parts of the runtime put in place of the real ones. */
export async function examined(
  yaml: string,
  parts: Partial<Runtime> = {},
  options: ExamineOptions = { environment: {} },
): Promise<DoctorCheck[]> {
  const config = { ...parse(yaml), baseDir: await folders.make() };
  const runtime = await createRuntime({
    config,
    lake: `file:${await folders.make()}`,
    clock: createSystemClock(),
    randomness: createSystemRandomness(),
    events: { publish: () => Promise.resolve() },
    progress: { report: () => {}, note: () => {} },
    createTempFolder: () => folders.make(),
  });
  // A lake that is put in place is where the configuration says.
  const place = parts.lake === undefined ? {} : { config };
  return examine({ ...runtime, credentials: NOBODY, apis: NO_APIS, ...place, ...parts }, options);
}

export function checkOf(checks: readonly DoctorCheck[], what: string | RegExp): DoctorCheck | undefined {
  return checks.find((each) => (typeof what === "string" ? each.what === what : what.test(each.what)));
}
