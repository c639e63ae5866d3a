import * as z from "zod";
import { parseDecimal } from "../core/decimal.ts";
import {
  closed,
  decimalOf,
  flag,
  kebabName,
  listOf,
  mapOf,
  nonEmptyListOf,
  oneOf,
  share,
  text,
  wholeNumber,
} from "./scalars.ts";
import type { EnforcementConfig } from "./types.ts";

const mode = oneOf(["dry-run", "approve", "auto"]);
const minutes = wholeNumber(0, 10_080);
const points = decimalOf("percentage points such as 5", (value) => value >= 0n);

const clockTime = text.regex(/^([01]\d|2[0-3]):[0-5]\d$/, "expected a time of day such as 09:30");
const zone = text.refine(isTimeZone, "expected an IANA time zone such as Europe/Berlin");
const Window = closed({
  days: nonEmptyListOf(oneOf(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), "days such as mon"),
  from: clockTime,
  to: clockTime,
  zone: z.exactOptional(zone),
});

const Approver = closed({
  identity: text,
  slack: z.exactOptional(text.regex(/^[UW][A-Z0-9]+$/, "expected a Slack user id such as U024BE7LH")),
  environments: z.exactOptional(listOf(text, "environments")),
});

const Billing = closed({
  awsBudgetActions: z.exactOptional(
    listOf(
      closed({
        budget: text,
        accountId: text.regex(/^\d{12}$/, "expected an account id of twelve digits"),
        budgetName: text,
        actionId: text,
        region: z.exactOptional(text),
      }),
      "budget actions",
    ),
  ),
  gcpDetachBilling: z.exactOptional(listOf(closed({ budget: text, project: text }), "projects")),
  allowDetachBilling: z.exactOptional(flag),
  nodePools: z.exactOptional(
    listOf(
      closed({ budget: text, cluster: kebabName, pool: text, minimum: z.exactOptional(wholeNumber(0, 10_000)) }),
      "node pools",
    ),
  ),
});

/** `enforcement:` as it stands in the file. */
export const Enforcement = closed({
  mode: z.exactOptional(mode),
  layers: z.exactOptional(
    closed({ cluster: z.exactOptional(mode), billing: z.exactOptional(mode), ai: z.exactOptional(mode) }),
  ),
  environments: z.exactOptional(mapOf(text, mode, "environment to mode")),
  rungs: z.exactOptional(
    closed({ freeze: z.exactOptional(mode), throttle: z.exactOptional(mode), block: z.exactOptional(mode) }),
  ),
  approvers: z.exactOptional(listOf(Approver, "approvers")),
  approvalExpiresMinutes: z.exactOptional(wholeNumber(1, 1_440)),
  caps: z.exactOptional(
    closed({
      objectsPerRun: z.exactOptional(wholeNumber(1, 100_000)),
      namespaceShare: z.exactOptional(share),
      prodFloor: z.exactOptional(wholeNumber(0, 1_000)),
      floor: z.exactOptional(wholeNumber(1, 1_000)),
      failedShare: z.exactOptional(share),
      restoresPerRun: z.exactOptional(wholeNumber(1, 100_000)),
    }),
  ),
  enterAfter: z.exactOptional(wholeNumber(1, 100)),
  leaveBelow: z.exactOptional(points),
  minimumHoldMinutes: z.exactOptional(minutes),
  cooldownMinutes: z.exactOptional(minutes),
  maxDataAgeHours: z.exactOptional(wholeNumber(1, 720)),
  protectedNamespaces: z.exactOptional(listOf(text, "namespaces")),
  windows: z.exactOptional(listOf(Window, "times of the week")),
  gitOps: z.exactOptional(oneOf(["notify", "suspend-flux"])),
  billing: z.exactOptional(Billing),
});

/** Fills in the defaults: `reference/kubernetes.md` §3.4. Nothing is done (`dry-run`) where nothing is said. */
export function toEnforcementConfig(input: z.output<typeof Enforcement>): EnforcementConfig {
  return {
    mode: input.mode ?? "dry-run",
    layers: input.layers ?? {},
    environments: input.environments ?? {},
    rungs: input.rungs ?? {},
    approvers: (input.approvers ?? []).map((approver) => ({ environments: [], ...approver })),
    approvalExpiresMinutes: input.approvalExpiresMinutes ?? 60,
    caps: {
      objectsPerRun: 20,
      namespaceShare: parseDecimal("0.25"),
      prodFloor: 1,
      floor: 1,
      failedShare: parseDecimal("0.30"),
      restoresPerRun: 50,
      ...input.caps,
    },
    enterAfter: input.enterAfter ?? 2,
    leaveBelow: input.leaveBelow ?? parseDecimal("5"),
    minimumHoldMinutes: input.minimumHoldMinutes ?? 60,
    cooldownMinutes: input.cooldownMinutes ?? 60,
    maxDataAgeHours: input.maxDataAgeHours ?? 72,
    protectedNamespaces: input.protectedNamespaces ?? [],
    windows: (input.windows ?? []).map((window) => ({ zone: "UTC", ...window })),
    gitOps: input.gitOps ?? "notify",
    billing: toBilling(input.billing ?? {}),
  };
}

function toBilling(input: z.output<typeof Billing>): EnforcementConfig["billing"] {
  return {
    awsBudgetActions: input.awsBudgetActions ?? [],
    gcpDetachBilling: input.gcpDetachBilling ?? [],
    allowDetachBilling: input.allowDetachBilling ?? false,
    nodePools: (input.nodePools ?? []).map((pool) => ({ minimum: 0, ...pool })),
  };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
