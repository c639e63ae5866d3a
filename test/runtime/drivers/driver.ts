import type { ScheduleDue } from "../../../shared/core/events.ts";
import type { CloudServices } from "../../support/functions/sent-message.ts";
import type { Workspace } from "../support/workspace.ts";

export type RuntimeName = "local" | "aws" | "azure" | "gcp";
export type EventFunctionName = "collect" | "evaluate" | "enforce" | "alerts" | "health";

/** One thing that happens, in words that every platform has an event for. */
export type Stimulus =
  | { kind: "schedule"; task: ScheduleDue["task"] }
  /** An object was written into the bucket that this platform's exports lie in. */
  | { kind: "object"; key: string }
  /** A message of the function's queue. */
  | { kind: "message"; id: string; body: string }
  /** The cloud's own budget alert: 412.55 USD spent, 500 planned. */
  | { kind: "alert"; id: string }
  /** Something that no sender of ours sends. */
  | { kind: "junk"; value: unknown };

export interface HttpShape {
  method: string;
  path: string;
  query?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** The platform knows the caller. */
  signedIn: boolean;
}

/** One runtime with all its functions, over one workspace. */
export interface RuntimeDriver {
  services: CloudServices;
  /** Hands an event over as the platform does. False: the platform would deliver it again. */
  deliver(name: EventFunctionName, stimulus: Stimulus): Promise<boolean>;
  ask(shape: HttpShape): Promise<{ status: number; body: string }>;
  /** Everything that was logged so far, one object per entry. */
  logs(): Record<string, unknown>[];
  close(): Promise<void>;
}

export interface DriverOptions {
  workspace: Workspace;
  /** Unpacked packages by cloud (`global-setup.ts`). */
  packages: string;
  /** Added to the functions' environment. */
  env?: Readonly<Record<string, string>>;
}

/** The source in `EXPORTS` whose bucket `object` writes to, and where that is. */
export const EXPORT_OF: Readonly<Record<RuntimeName, { source: string; bucket: string; prefix: string }>> = {
  local: { source: "in-s3", bucket: "bills", prefix: "cur2/" },
  aws: { source: "in-s3", bucket: "bills", prefix: "cur2/" },
  azure: { source: "in-blob", bucket: "exports", prefix: "focus/" },
  gcp: { source: "in-gcs", bucket: "bills", prefix: "focus/" },
};

/** AWS's text about the alert. */
export const AWS_BUDGET_TEXT = `AWS Budget Notification September 30, 2024
AWS Account 111122223333

Dear AWS Customer,

You requested that we alert you when the ACTUAL Cost associated with your ml budget is greater than $400.00 for the current month. The ACTUAL Cost associated with this budget is $412.55.

Budget Name: ml
Budget Type: Cost
Budgeted Amount: $500.00
Alert Type: ACTUAL
Alert Threshold: > $400.00
ACTUAL Amount: $412.55
`;

/** What every function's environment says. */
export function commonEnv(
  { workspace, env = {} }: DriverOptions,
  services: CloudServices,
  now: string,
): NodeJS.ProcessEnv {
  return {
    // Nothing of this machine's environment: no credentials, no proxies.
    PATH: process.env["PATH"],
    HOME: workspace.folder,
    TMPDIR: workspace.tmp,
    ...services.env,
    GENOPS_CONFIG: workspace.config,
    GENOPS_LAKE: workspace.lake,
    GENOPS_NOW: now,
    GENOPS_QUEUE_COLLECT: services.queueAddress("collect"),
    GENOPS_QUEUE_EVALUATE: services.queueAddress("evaluate"),
    GENOPS_QUEUE_ENFORCE: services.queueAddress("enforce"),
    ...env,
  };
}
