import { readFileSync } from "node:fs";

export const CLOUDS = ["aws", "azure", "gcp"] as const;
export type Cloud = (typeof CLOUDS)[number];
/** Who runs a workload; `untagged` rows carry no tags. */
export type Owner = "perception" | "planner" | "fleet" | "copilot" | "portal" | "untagged";
export type Shape = "office" | "steady" | "batch";

/** FOCUS name of a service with its category. */
export interface Service {
  name: string;
  category: string;
  subcategory: string;
}

/** One workload that is billed every day (a line of workloads.csv). */
export interface Workload {
  cloud: Cloud;
  service: Service;
  resource: string;
  resourceType: string;
  meter: string;
  unit: string;
  /** List price per unit, at most 6 fraction digits. */
  price: string;
  /** Units per day before weekday pattern, growth and noise. */
  perDay: number;
  owner: Owner;
  shape: Shape;
  /** Growth per 30 days in thousandths. */
  growth: number;
  flags: ReadonlySet<string>;
}

/** Covers up to `unitsPerDay` of the workload flagged `committed` at `rate`; paid at the start of each month. */
export interface Commitment {
  id: string;
  name: string;
  type: string;
  category: "Spend" | "Usage";
  unitsPerDay: number;
  rate: string;
}

/** A charge that is no daily usage. `day` absent: at the start of every month. */
export interface Fee {
  service: string;
  description: string;
  category: "Purchase" | "Credit" | "Adjustment";
  amount: string;
  owner: Owner;
  day?: string;
  /** The seller, when it is not the cloud itself. */
  publisher?: string;
}

/** What one cloud's bill of the company has in common. */
export interface CloudProfile {
  cloud: Cloud;
  provider: string;
  issuer: string;
  billingAccount: { id: string; type: string };
  subAccountType: string;
  /** Ids of the accounts of research, product, customer and shared. */
  subAccounts: readonly [string, string, string, string];
  region: { id: string; name: string };
  /** Negotiated discount on list prices in thousandths. */
  discount: number;
  /** Tax on the month's charges in thousandths. */
  tax: number;
  taxService: string;
  /** Day → thousandths already delivered at the pinned clock; a day that is absent is complete. */
  delivered: Readonly<Record<string, number>>;
  commitment: Commitment;
  fees: readonly Fee[];
}

export const PROFILES: readonly CloudProfile[] = [
  {
    cloud: "aws",
    provider: "AWS",
    issuer: "Amazon Web Services, Inc.",
    billingAccount: { id: "210000000000", type: "Account" },
    subAccountType: "Account",
    subAccounts: ["210000000001", "210000000002", "210000000003", "210000000004"],
    region: { id: "us-west-2", name: "US West (Oregon)" },
    discount: 40,
    tax: 20,
    taxService: "Amazon Elastic Compute Cloud",
    delivered: { "2024-09-29": 820, "2024-09-30": 260 },
    commitment: {
      id: "arn:aws:savingsplans::210000000000:savingsplan/0f5c1d2e",
      name: "Compute Savings Plan 2024",
      type: "Savings Plan",
      category: "Spend",
      unitsPerDay: 160,
      rate: "0.2746",
    },
    fees: [
      fee("AWS Support (Business)", "AWS Support (Business), monthly fee", "Purchase", "890", "untagged"),
      {
        ...fee("Robot Telemetry Pro", "Robot Telemetry Pro, monthly subscription", "Purchase", "420", "fleet"),
        publisher: "Example Observability, Inc.",
      },
      { ...fee("Amazon CloudFront", "Refund of July transfer", "Adjustment", "-86.4", "portal"), day: "2024-08-14" },
    ],
  },
  {
    cloud: "azure",
    provider: "Microsoft",
    issuer: "Microsoft",
    billingAccount: { id: "NWRB-0001", type: "Billing Profile" },
    subAccountType: "Subscription",
    subAccounts: [
      "00000000-0000-4000-8000-0000000000a1",
      "00000000-0000-4000-8000-0000000000a2",
      "00000000-0000-4000-8000-0000000000a3",
      "00000000-0000-4000-8000-0000000000a4",
    ],
    region: { id: "westeurope", name: "West Europe" },
    discount: 0,
    tax: 25,
    taxService: "Virtual Machines",
    delivered: { "2024-09-28": 900, "2024-09-29": 380, "2024-09-30": 0 },
    commitment: {
      id: "/providers/microsoft.capacity/reservationorders/7d1a/reservations/91c4",
      name: "D8s v5 reservation",
      type: "Reservation",
      category: "Usage",
      unitsPerDay: 96,
      rate: "0.2419",
    },
    fees: [fee("Azure Support", "Azure Support, monthly fee", "Purchase", "100", "untagged")],
  },
  {
    cloud: "gcp",
    provider: "Google Cloud",
    issuer: "Google Cloud",
    billingAccount: { id: "0A0A0A-1B1B1B-2C2C2C", type: "Billing Account" },
    subAccountType: "Project",
    subAccounts: ["nwr-research", "nwr-product", "nwr-customer", "nwr-shared"],
    region: { id: "us-central1", name: "Iowa" },
    discount: 60,
    tax: 20,
    taxService: "Compute Engine",
    delivered: { "2024-09-29": 930, "2024-09-30": 450 },
    commitment: {
      id: "projects/nwr-shared/commitments/n2-2024",
      name: "N2 committed use",
      type: "Committed Use Discount",
      category: "Usage",
      unitsPerDay: 54,
      rate: "0.24474",
    },
    fees: [
      fee("Support", "Standard support, monthly fee", "Purchase", "290", "untagged"),
      fee("Compute Engine", "Start-up programme credit", "Credit", "-180", "untagged"),
    ],
  },
];

function fee(service: string, description: string, category: Fee["category"], amount: string, owner: Owner): Fee {
  return { service, description, category, amount, owner };
}

const SERVICES: ReadonlyMap<string, Service> = new Map(
  table("services.csv").map(([, name = "", category = "", subcategory = ""]) => [
    name,
    { name, category, subcategory },
  ]),
);

export function serviceNamed(name: string): Service {
  const service = SERVICES.get(name);
  if (service === undefined) throw new Error(`services.csv has no ${name}`);
  return service;
}

export const WORKLOADS: readonly Workload[] = table("workloads.csv").map((cells) => {
  const [cloud, service, resource, resourceType, meter, unit, price, perDay, owner, shape, growth, flags] = cells;
  return {
    cloud: cloud as Cloud,
    service: serviceNamed(service ?? ""),
    resource: resource ?? "",
    resourceType: resourceType ?? "",
    meter: meter ?? "",
    unit: unit ?? "",
    price: price ?? "",
    perDay: Number(perDay),
    owner: owner as Owner,
    shape: shape as Shape,
    growth: Number(growth),
    flags: new Set((flags ?? "").split(" ").filter((flag) => flag !== "")),
  };
});

function table(name: string): string[][] {
  const text = readFileSync(new URL(name, import.meta.url), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(";"));
}
