import type { Decimal } from "../core/decimal.ts";
import type { AlertAction, Scope } from "../core/finding.ts";
import type { Day } from "../core/period.ts";

/** What every source takes, whatever its type. */
interface SourceCommon {
  /** Names the source in the ledger; kebab-case. */
  id: string;
  /** For bills without a billing account column. */
  billingAccountId?: string;
  /** ISO 4217, for bills without a currency column. */
  currency?: string;
  /** Cron expression (UTC) of the local scheduler; default every six hours. */
  schedule?: string;
  /** Only these billing periods are collected. */
  periods?: readonly string[];
  /** Accept a sharply smaller export without asking. */
  allowShrink?: boolean;
  /** Name of the lake (`lakes`) that its rows stay in (L10); without it the primary one. */
  lake?: string;
  /** How `03/04/2024` is to be read where the file itself does not decide. */
  dateFormat?: "DMY" | "MDY";
}

/** A FOCUS table behind Amazon Athena. */
interface AthenaTable {
  database: string;
  table: string;
  /** Limits what one query reads. Default: `primary`. */
  workgroup?: string;
  /** `s3://…` for results, where the workgroup does not say. */
  output?: string;
  region?: string;
}

/** How a BigQuery table is read. */
interface BigQueryReading {
  /** The project that runs the queries and pays for them; default: the table's. */
  queryProject?: string;
  /** No query reads more bytes. */
  maximumBytesBilled?: number;
}

export type SourceConfig = SourceCommon &
  (
    | { type: "aws-data-export"; location: string }
    | {
        type: "aws-cost-explorer";
        /** US dollars that paid calls may cost per UTC day. */
        maxDailyCost: Decimal;
        metrics?: readonly string[];
        /** `SERVICE`, `TAG:team`, `COST_CATEGORY:Unit`; RECORD_TYPE is always among them. */
        groupBy?: readonly string[];
        /** What AWS may still change is bought again after so many hours. */
        refreshHours?: number;
      }
    | { type: "azure-cost-export"; actual?: string; amortized?: string }
    | {
        type: "azure-cost-query";
        scope: string;
        /** `ServiceName`, `ResourceGroupName`, `TAG:team`; ChargeType is always among them. */
        groupBy?: readonly string[];
        /** A month is asked for again after so many hours. */
        refreshHours?: number;
      }
    | ({ type: "gcp-billing-export"; table?: string; location?: string } & BigQueryReading)
    | ({
        type: "focus-export";
        location?: string;
        /** BigQuery: `project.dataset.table`. */
        table?: string;
        athena?: AthenaTable;
        /** `in-place`: daily groups are read by SQL, the rows stay where they are. */
        mode?: "copy" | "in-place";
        version?: "1.0" | "1.1" | "1.2" | "1.3" | "1.4";
        credits?: "separate" | "included";
      } & BigQueryReading)
    | { type: "custom"; location: string; sql: string }
    | {
        type: "opencost";
        url: string;
        /** The cluster's name in reports. */
        cluster: string;
        /** Which bill rows are the cluster's: cube dimensions, snake_case FOCUS columns, or `tag:KEY`. */
        match: Scope;
      }
    | { type: "otlp" }
    | { type: "openai-usage"; url?: string; key: string }
    | { type: "anthropic-usage"; url?: string; key: string }
  );

export type SourceTypeName = SourceConfig["type"];
export type SourceConfigOf<T extends SourceTypeName> = Extract<SourceConfig, { type: T }>;

/** The dimensions that allocation adds to every row. */
export const ALLOCATION_DIMENSIONS = ["team", "project", "environment", "cost_center"] as const;
export type AllocationDimension = (typeof ALLOCATION_DIMENSIONS)[number];

/** How one dimension is found in a row's tags. */
export interface LabelRule {
  /** Tag keys in order; the first that matches wins. Compared case-insensitively, `-` equals `_`. */
  keys: readonly string[];
  /** Canonical value → spellings that mean it. Compared case-insensitively. */
  aliases: Readonly<Record<string, readonly string[]>>;
  /** When neither tags nor tables tell; without it the value is `unallocated`. */
  default?: string;
}

/** Spread what one match selects over the values of a dimension, conserving the total to the last digit. */
export interface SharedCostRule {
  name: string;
  /** Rows to spread, by cube dimension: `{ service: ["Support"] }` or `{ team: ["unallocated"] }`. */
  match: Scope;
  /** The dimension whose values receive the shares. */
  over: AllocationDimension;
  method: "even" | "spend" | "fixed";
  /** For `fixed`: value → weight. */
  weights: Readonly<Record<string, Decimal>>;
  /** Receivers for `even` and `spend`; empty means every value of the period except `unallocated`. */
  among: readonly string[];
}

export interface AllocationConfig {
  labels: Readonly<Record<AllocationDimension, LabelRule>>;
  /** Bare account id → values of dimensions. */
  accounts: Readonly<Record<string, Partial<Record<AllocationDimension, string>>>>;
  /** Kubernetes namespace → values of dimensions. */
  namespaces: Readonly<Record<string, Partial<Record<AllocationDimension, string>>>>;
  shared: readonly SharedCostRule[];
}

export type CostBasis = "billed" | "effective" | "list" | "contracted";

export type BudgetPeriod =
  | { every: "day" | "week" | "month" | "quarter" | "year" }
  | { every: "custom"; start: Day; end: Day };

export interface BudgetAlert {
  /** Percent of the limit, 80 = 80 %. */
  threshold: Decimal;
  basis: "actual" | "forecast";
  action: AlertAction;
  recipients: readonly string[];
}

/** A budget after reading: the guide's forms, `tree` and the long form all become this. */
export interface Budget {
  /** Unique: `global`, `aws`, `team/ai-research`, `company/platform/ml`. */
  name: string;
  /** Snake-case dimension → accepted values; empty means all costs. */
  scope: Scope;
  period: BudgetPeriod;
  limit: Decimal;
  currency: string;
  cost: CostBasis;
  /** Charge categories that count; empty means all. */
  includeCategories: readonly string[];
  excludeCategories: readonly string[];
  alerts: readonly BudgetAlert[];
  /** The budget above it in the tree. */
  parent?: string;
}

export interface AnomalyConfig {
  falseAlertsPer90Days: 1 | 0.25 | 0.1;
  /** Least money off expectation that is worth an alert, in the series' own currency. */
  floor: Decimal;
  /** Cost over `ratio` × the same hour (or day) before, for `forMinutes` of data (the guide's CrossCloudCostAnomaly). */
  overYesterday: { ratio: Decimal; forMinutes: number; floor: Decimal };
  /** A day above the mean of the seven days before it by at least this much money. */
  absoluteJump: { amount: Decimal };
  /** A service or region never paid for before, once it has cost `floor`, where `historyDays` of history show that. */
  firstUse: { floor: Decimal; historyDays: number };
  /** Steady spend of at least `floor` a day that stops for two settled days. */
  spendAtZero: { floor: Decimal };
  /** A price whose unit costs more than `ratio` × the usual on `days` days in a row, for `floor` more money in all. */
  unitCost: { ratio: Decimal; days: number; floor: Decimal };
  /** Unusual cost is looked for at every level that these cube dimensions make, the widest dimension first. */
  by: readonly string[];
  /** The rules look at one series per combination of these. */
  rulesBy: readonly string[];
  /** Rules that are not wanted, as they stand in a finding's `rule`: `over-yesterday`. */
  rulesOff?: readonly string[];
}

export interface SlackConfig {
  /** `xoxb-…`; one message per finding, updated in place and threaded. */
  token?: string;
  channel?: string;
  /** Incoming webhook URL, where there is no bot. */
  webhook?: string;
  /** Proves that a click on a button comes from Slack; without it messages have no buttons. */
  signingSecret?: string;
  /** Workspaces whose people may decide: a user id is one person's only within a workspace. Absent: the workspace where the click is made. */
  team?: readonly string[];
  /** Base URL of the Web API, for tests and proxies. */
  apiUrl: string;
}

export interface WebhookConfig {
  id: string;
  url: string;
  /** `whsec_…`; several during rotation, each signs. */
  secrets: readonly string[];
}

export interface EmailConfig {
  /** `smtp://user:password@host:587` */
  url: string;
  from: string;
  to: readonly string[];
}

export interface NotificationConfig {
  slack?: SlackConfig;
  webhooks: readonly WebhookConfig[];
  email?: EmailConfig;
  /** Findings below this level are not sent. */
  minimumLevel: "info" | "warning" | "critical";
}

export const ROLES = ["viewer", "operator", "approver", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Whose OIDC tokens say who a person is: `docs/approvals.md`. */
export interface SignInConfig {
  /** As `iss` of the tokens says it; its keys are found through `/.well-known/openid-configuration`. */
  issuer: string;
  audience: readonly string[];
  /** The JSON Web Key Set, where the issuer has no discovery document. */
  keysUrl?: string;
  /** A claim that names the person, beside `sub` and a verified `email`. The issuer must not let people choose it. */
  identityClaim?: string;
  rolesClaim: string;
  /** Values of the claim that mean a role. */
  roles: Readonly<Record<Role, readonly string[]>>;
}

/** An independent total that a source is compared with. */
export type ReconcileAgainst = { source: string } & (
  | { with: "cost-explorer"; maxDailyCost: Decimal }
  | { with: "azure-query"; scope: string }
  | { with: "bigquery"; table: string; maximumGigabytesBilled: number }
  | { with: "file"; location: string }
);

export interface ReconcileConfig {
  /** A residual above this, in the bill's own currency, is a finding. */
  bound: Decimal;
  against: readonly ReconcileAgainst[];
}

/** Where alerts of the clouds' own budgets and anomaly detection may come from: `docs/inbound-alerts.md`. */
export interface AlertsConfig {
  sns: {
    /** ARNs of topics that are believed. */
    topics: readonly string[];
    /** Older messages are refused over HTTPS, whose senders try again for hours. */
    maxAgeMinutes: number;
  };
  azureMonitor: {
    /** Part of the plain webhook's URL. */
    secret?: string;
    /** Secure webhook: the Entra tenant, and the application ID URI that its tokens are made for. */
    tenantId?: string;
    audience?: string;
    /** Base URL of Entra; another one in sovereign clouds. */
    authority: string;
  };
  pubsub: {
    /** `projects/P/subscriptions/S` that are believed. */
    subscriptions: readonly string[];
    /** Push over HTTPS: what the subscription's tokens are made for, and whose they are. */
    audience?: string;
    serviceAccount?: string;
  };
}

export interface LedgerConfig {
  /** How long superseded versions stay readable by `--as-of`. */
  retainVersionsDays: number;
  /** L5: quarantine when rows fall by more than this share. */
  shrinkRows: Decimal;
  /** L5: quarantine when Σ|BilledCost| falls by more than this share. */
  shrinkCost: Decimal;
  /** Decompressed bytes one input file may have. */
  maxInputBytes: number;
  /** Exports of several parts that are larger, as they lie in the bucket, are converted by one function call per part. */
  fanOutBytes: number;
}

/** A lake beside the primary one, for rows that stay in their cloud (L10). */
export interface HomeLakeConfig {
  location: string;
  /** `stay`: only a process at home reads and writes the rows. `readable`: everybody who has the rights does. */
  rows: "stay" | "readable";
}

/** How to get into the clouds in which this process does not run. `static` is for development (`allowStaticCredentials`). */
export interface CredentialsConfig {
  aws?: {
    /** Default: us-east-1. */
    region?: string;
    /** What the proof is made out to: from Azure an App ID URI, from Google any text; the role's trust policy names the same. */
    audience?: string;
  } & ({ kind: "federated"; roleArn: string } | { kind: "static"; accessKeyId: string; secretAccessKey: string });
  azure?: {
    tenantId: string;
    clientId: string;
    /** Default: `api://AzureADTokenExchange`. */
    audience?: string;
    /** Of a sovereign cloud. */
    authorityHost?: string;
  } & ({ kind: "federated" } | { kind: "static"; clientSecret: string });
  gcp?:
    | {
        kind: "federated";
        /** `projects/<number>/locations/global/workloadIdentityPools/<pool>/providers/<provider>` */
        workloadIdentityProvider: string;
        /** Impersonated; without it the pool's principal acts itself. */
        serviceAccount?: string;
        /** From Azure: the App ID URI that the provider allows. */
        audience?: string;
      }
    | { kind: "static"; keyFile: string };
}

/** A cluster that GenOps reads and acts on. */
export type ClusterConfig = {
  /** Unique; names it in plans, holds and reports. */
  name: string;
  /** Contains the cluster's nodes' bill rows (cube dimensions, FOCUS columns, `tag:KEY`), where a budget's scope does not tell. */
  match?: Scope;
  /** A ceiling for requests per second, where an organisation wants one. */
  requestsPerSecond?: number;
  /** `scale-only`: nothing but the scale subresource is written. */
  rights?: "standard" | "scale-only";
} & (
  | { provider: "eks"; cluster: string; region: string; stsHost?: string; eksUrl?: string }
  | { provider: "aks"; cluster: string; subscription: string; resourceGroup: string; armUrl?: string }
  | { provider: "gke"; cluster: string; project: string; location: string; containerUrl?: string }
  /** Any other: a kubeconfig file and one of its contexts. Static tokens and keys need `allowStaticCredentials`. */
  | { provider: "kubeconfig"; kubeconfig: string; context?: string }
  /** Objects in a file (`kubectl get … -o json`, a List): can be planned on, never written. */
  | { provider: "snapshot"; location: string }
);

export type EnforcementMode = "dry-run" | "approve" | "auto";
export type EnforcementRung = "freeze" | "throttle" | "block";

/** A time of the week in which something is allowed: `{ days: [mon], from: "09:00", to: "17:00", zone: "Europe/Berlin" }`. */
export interface TimeWindow {
  days: readonly ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
  /** `HH:MM`; `to` before `from` goes over midnight. */
  from: string;
  to: string;
  /** IANA time zone. */
  zone: string;
}

/** Who may approve: a person's identity by OIDC (`sub` or e-mail of the token) and their Slack user id. */
export interface Approver {
  identity: string;
  slack?: string;
  /** Budget policies or environments that they may approve; empty: all. */
  environments: readonly string[];
}

export interface EnforcementConfig {
  /** The most careful of `mode` and of what layer, environment and rung say applies. */
  mode: EnforcementMode;
  layers: Readonly<Partial<Record<"cluster" | "billing" | "ai", EnforcementMode>>>;
  environments: Readonly<Record<string, EnforcementMode>>;
  rungs: Readonly<Partial<Record<EnforcementRung, EnforcementMode>>>;
  approvers: readonly Approver[];
  approvalExpiresMinutes: number;
  caps: {
    /** Objects per run and cluster. */
    objectsPerRun: number;
    /** Share of a namespace's replicas that one run may take. */
    namespaceShare: Decimal;
    /** Replicas that stay in prod. */
    prodFloor: number;
    /** Replicas that a throttle leaves elsewhere. */
    floor: number;
    /** A run ends when more than this share of its writes failed. */
    failedShare: Decimal;
    /** Objects that one run puts back. */
    restoresPerRun: number;
  };
  /** Consecutive evaluations at or above a threshold before something is done. */
  enterAfter: number;
  /** Percentage points below the threshold at which it is left again. */
  leaveBelow: Decimal;
  minimumHoldMinutes: number;
  cooldownMinutes: number;
  /** Billing data that is older stops everything but restores. */
  maxDataAgeHours: number;
  /** Namespaces beside the built-in protected list. */
  protectedNamespaces: readonly string[];
  /** Only then is something applied; empty: always. Restores are not bound by it. */
  windows: readonly TimeWindow[];
  /** What is done about fields that Git owns. */
  gitOps: "notify" | "suspend-flux";
  /** Billing-side actions: none happens unless it is named here. */
  billing: BillingEnforcement;
}

export interface BillingEnforcement {
  /** AWS Budgets actions that may be executed and reset, by budget name and action id. */
  awsBudgetActions: readonly {
    budget: string;
    accountId: string;
    budgetName: string;
    actionId: string;
    region?: string;
  }[];
  /** Google projects whose billing may be detached. The separate explicit switch: `allowDetachBilling: true`. */
  gcpDetachBilling: readonly { budget: string; project: string }[];
  allowDetachBilling: boolean;
  /** Node pools that may be resized through the cloud's API. */
  nodePools: readonly { budget: string; cluster: string; pool: string; minimum: number }[];
}

export interface Config {
  /** `file:./lake`, later `s3://…`, `azblob://…`, `gs://…`. */
  lake: string;
  /** Lakes that rows stay in, by name. State, heads and cubes are in `lake`. */
  lakes: Readonly<Record<string, HomeLakeConfig>>;
  engine: "duckdb";
  currency: { report: string; rates?: string };
  sources: readonly SourceConfig[];
  allocation: AllocationConfig;
  budgets: readonly Budget[];
  anomalies: AnomalyConfig;
  /** Days after which a provider's day counts as settled; `default` for the rest. */
  settledAfterDays: Readonly<Record<string, number>>;
  /** The providers (and `default`) whose days the user has named: they are as named, the others may be learnt. */
  settledAsNamed: readonly string[];
  clusters: readonly ClusterConfig[];
  enforcement: EnforcementConfig;
  notifications: NotificationConfig;
  /** Undefined: nobody's token is believed. */
  signIn?: SignInConfig;
  credentials: CredentialsConfig;
  /** Development only: keys in this file and in the environment are accepted. */
  allowStaticCredentials: boolean;
  alerts: AlertsConfig;
  ledger: LedgerConfig;
  reconcile: ReconcileConfig;
  /** The parts of the guide that later capabilities read (`multicloud`, `geoRouting`, …), as written. */
  extensions: Readonly<Record<string, unknown>>;
  /** Folder that relative paths in the file refer to. */
  baseDir: string;
}
