import * as z from "zod";
import { Alerts } from "./alerts.ts";
import { Allocation } from "./allocation.ts";
import { Anomalies } from "./anomalies.ts";
import { Budgets } from "./budgets.ts";
import { Clusters } from "./clusters.ts";
import { Credentials } from "./credentials.ts";
import { Enforcement } from "./enforcement.ts";
import { EXTENSION_KEYS } from "./guide.ts";
import { LakeLocation, Lakes } from "./lakes.ts";
import { Ledger } from "./ledger.ts";
import { Notifications } from "./notifications.ts";
import { Reconcile } from "./reconcile.ts";
import { closed, currency, expected, flag, mapOf, text, wholeNumber } from "./scalars.ts";
import { SignIn } from "./sign-in.ts";
import { Sources } from "./sources.ts";

const engine = z.literal("duckdb", {
  error: ({ input }) =>
    input === "clickhouse" || (typeof input === "object" && input !== null && "clickhouse" in input)
      ? "the engine clickhouse arrives with a later version of GenOps; expected duckdb"
      : "expected duckdb",
});

const provider = z
  .string(expected("a provider such as aws"))
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, expected("a provider such as aws, or default"));

const kept = z.exactOptional(z.unknown().meta({ description: "Kept as written for a later capability." }));
const extensions = Object.fromEntries(EXTENSION_KEYS.map((key) => [key, kept])) as Record<
  (typeof EXTENSION_KEYS)[number],
  typeof kept
>;

/** `genops.yaml` as it stands in the file: every key is optional, `parseConfig` fills in the defaults. */
export const ConfigFile = closed({
  lake: z.exactOptional(LakeLocation),
  lakes: z.exactOptional(Lakes),
  engine: z.exactOptional(engine),
  currency: z.exactOptional(closed({ report: z.exactOptional(currency), rates: z.exactOptional(text) })),
  sources: z.exactOptional(Sources),
  allocation: z.exactOptional(Allocation),
  budgets: z.exactOptional(Budgets),
  anomalies: z.exactOptional(Anomalies),
  settledAfterDays: z.exactOptional(mapOf(provider, wholeNumber(0, 90), "provider to days")),
  clusters: z.exactOptional(Clusters),
  enforcement: z.exactOptional(Enforcement),
  notifications: z.exactOptional(Notifications),
  signIn: z.exactOptional(SignIn),
  credentials: z.exactOptional(Credentials),
  allowStaticCredentials: z.exactOptional(flag),
  alerts: z.exactOptional(Alerts),
  ledger: z.exactOptional(Ledger),
  reconcile: z.exactOptional(Reconcile),
  ...extensions,
});
export type ConfigFile = z.output<typeof ConfigFile>;
