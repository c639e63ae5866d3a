import {
  add,
  type Decimal,
  formatDecimal,
  fromScaled,
  multiply,
  parseDecimal,
  subtract,
  sum,
  ZERO,
} from "../../shared/core/decimal.ts";
import { addDays, addMonths, type Day, daysBetween, type Month, monthDays, monthOf } from "../../shared/core/period.ts";
import { type CloudProfile, type Fee, PROFILES, type Shape, WORKLOADS, type Workload } from "./catalogue.ts";
import { baseRow, CURRENCY, costs, cut, prices, slug, tags } from "./focus-cells.ts";
import type { FocusRow } from "./focus-csv.ts";
import { createSeries } from "./random.ts";

export const FIRST_DAY: Day = "2024-06-03";
export const LAST_DAY: Day = "2024-09-30";
/** From this day on the workloads flagged `incident` use `INCIDENT_FACTOR` times as much. */
export const INCIDENT_DAY: Day = "2024-09-23";
const INCIDENT_FACTOR = 4;
const SEED = "northwind-robotics-1";
/** Thousandths of a usual day, Monday first. */
const SHAPES: Readonly<Record<Shape, readonly number[]>> = {
  office: [1040, 1090, 1080, 1060, 990, 520, 480],
  steady: [1000, 1000, 1000, 1000, 1000, 1000, 1000],
  batch: [920, 1010, 1120, 1060, 980, 790, 720],
};

/** FOCUS 1.2 rows of one cloud by billing period. */
export function companyBill(profile: CloudProfile): ReadonlyMap<Month, FocusRow[]> {
  const months = new Map<Month, FocusRow[]>();
  for (let month = monthOf(FIRST_DAY); month <= monthOf(LAST_DAY); month = addMonths(month, 1)) {
    months.set(month, feeRows(profile, month));
  }
  for (const workload of WORKLOADS.filter((each) => each.cloud === profile.cloud)) {
    for (const row of workloadRows(profile, workload)) months.get(monthOf(row.ChargePeriodStart ?? ""))?.push(row);
  }
  for (const [month, rows] of months) rows.push(taxRow(profile, month, rows));
  return months;
}

/** Every cloud's bill. */
export function companyBills(): ReadonlyMap<CloudProfile, ReadonlyMap<Month, FocusRow[]>> {
  return new Map(PROFILES.map((profile) => [profile, companyBill(profile)]));
}

function* workloadRows(profile: CloudProfile, workload: Workload): Generator<FocusRow> {
  const random = createSeries(`${SEED}/${workload.cloud}/${workload.resource}`);
  for (let day = FIRST_DAY; day <= LAST_DAY; day = addDays(day, 1)) {
    const noise = random(940, 1060);
    const delivered = profile.delivered[day] ?? 1000;
    if (delivered === 0) continue;
    const quantity = units(workload.perDay, [
      weekday(workload.shape, day),
      trend(workload.growth, day),
      noise,
      delivered,
    ]);
    const factor = workload.flags.has("incident") && day >= INCIDENT_DAY ? INCIDENT_FACTOR : 1;
    const used = fromScaled(quantity * BigInt(factor));
    if (workload.flags.has("committed")) yield* committedRows(profile, workload, day, used, delivered);
    else yield usageRow(profile, workload, day, used);
  }
}

function weekday(shape: Shape, day: Day): number {
  return SHAPES[shape][(new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7] ?? 1000;
}

function trend(growth: number, day: Day): number {
  return 1000 + Math.floor((growth * daysBetween(FIRST_DAY, day)) / 30);
}

/** `perDay` times each of the factors (thousandths), cut to 4 fraction digits so that costs have at most 10. */
function units(perDay: number, thousandths: readonly number[]): bigint {
  const product = thousandths.reduce((value, each) => value * BigInt(each), BigInt(perDay) * 10_000n);
  return (product / 1000n ** BigInt(thousandths.length)) * 10n ** 14n;
}

/** The covered part, what exceeds the commitment, and what of it nobody used. */
function* committedRows(
  profile: CloudProfile,
  workload: Workload,
  day: Day,
  used: Decimal,
  delivered: number,
): Generator<FocusRow> {
  const { commitment } = profile;
  const cap = fromScaled(units(commitment.unitsPerDay, [delivered]));
  const covered = used < cap ? used : cap;
  const list = parseDecimal(workload.price);
  const committed = { PricingCategory: "Committed", BilledCost: "0", ...commitmentCells(profile) };
  const usedCost = multiply(covered, parseDecimal(commitment.rate));
  yield {
    ...usageRow(profile, workload, day, covered),
    ...prices(list, list, covered),
    ...committed,
    ...costs({ billed: ZERO, effective: usedCost }),
    CommitmentDiscountStatus: "Used",
    CommitmentDiscountQuantity: formatDecimal(commitment.category === "Spend" ? usedCost : covered),
  };
  if (used > covered) yield usageRow(profile, workload, day, subtract(used, covered));
  if (cap > covered) yield unusedRow(profile, workload, day, subtract(cap, covered));
}

function unusedRow(profile: CloudProfile, workload: Workload, day: Day, quantity: Decimal): FocusRow {
  const { commitment } = profile;
  const cost = multiply(quantity, parseDecimal(commitment.rate));
  return {
    ...baseRow(profile, day, addDays(day, 1), workload.service.name, "untagged"),
    ...commitmentCells(profile),
    ...costs({ billed: ZERO, effective: cost, list: ZERO, contracted: ZERO }),
    ChargeCategory: "Usage",
    ChargeFrequency: "Usage-Based",
    ChargeDescription: `${commitment.name}, unused`,
    PricingCategory: "Committed",
    PricingQuantity: formatDecimal(quantity),
    PricingUnit: workload.unit,
    CommitmentDiscountStatus: "Unused",
    CommitmentDiscountQuantity: formatDecimal(commitment.category === "Spend" ? cost : quantity),
    SkuId: `${profile.cloud}-commitment`,
    SkuPriceId: `${profile.cloud}-commitment-unused`,
  };
}

function commitmentCells(profile: CloudProfile): FocusRow {
  const { id, name, type, category } = profile.commitment;
  return {
    CommitmentDiscountId: id,
    CommitmentDiscountName: name,
    CommitmentDiscountType: type,
    CommitmentDiscountCategory: category,
    CommitmentDiscountUnit: category === "Spend" ? CURRENCY : "Hours",
  };
}

function usageRow(profile: CloudProfile, workload: Workload, day: Day, quantity: Decimal): FocusRow {
  const list = parseDecimal(workload.price);
  const discount = multiply(list, fromScaled(BigInt(profile.discount) * 10n ** 15n));
  const contracted = parseDecimal(cut(subtract(list, discount)));
  const cost = multiply(quantity, contracted);
  const sku = `${profile.cloud}-${slug(workload.service.name)}-${slug(workload.meter)}`;
  return {
    ...baseRow(profile, day, addDays(day, 1), workload.service.name, workload.owner),
    ...prices(list, contracted, quantity),
    ...costs({ billed: cost, effective: cost }),
    ChargeCategory: "Usage",
    ChargeFrequency: "Usage-Based",
    ChargeDescription: `${workload.meter} in ${profile.region.name}`,
    PricingCategory: workload.flags.has("spot") ? "Dynamic" : "Standard",
    PricingQuantity: formatDecimal(quantity),
    PricingUnit: workload.unit,
    ConsumedQuantity: formatDecimal(quantity),
    ConsumedUnit: workload.unit,
    RegionId: profile.region.id,
    RegionName: profile.region.name,
    ResourceId: `${profile.cloud}/${slug(workload.service.name)}/${workload.resource}`,
    ResourceName: workload.resource,
    ResourceType: workload.resourceType,
    SkuId: sku,
    SkuPriceId: `${sku}-1`,
    SkuMeter: workload.meter,
    Tags: tags(workload.owner, workload.flags.has("odd-tags")),
  };
}

function feeRows(profile: CloudProfile, month: Month): FocusRow[] {
  const fees = profile.fees.filter((each) => each.day === undefined || monthOf(each.day) === month);
  const { start, end } = billedDays(month);
  return [purchaseRow(profile, start, end), ...fees.map((each) => feeRow(profile, each, start, end))];
}

/** The days of a month that lie in the history. */
function billedDays(month: Month): { start: Day; end: Day } {
  const { start, end } = monthDays(month);
  return { start: start < FIRST_DAY ? FIRST_DAY : start, end };
}

/** The commitment's price of a whole month; the usage that it covers carries the effective cost. */
function purchaseRow(profile: CloudProfile, start: Day, end: Day): FocusRow {
  const { commitment } = profile;
  const hours = units(commitment.unitsPerDay * daysBetween(start, end), []);
  const cost = multiply(fromScaled(hours), parseDecimal(commitment.rate));
  const rate = parseDecimal(commitment.rate);
  return {
    ...baseRow(profile, start, end, profile.taxService, "untagged"),
    ...commitmentCells(profile),
    ...prices(rate, rate, fromScaled(hours)),
    ...costs({ billed: cost, effective: ZERO }),
    ChargeCategory: "Purchase",
    ChargeFrequency: "Recurring",
    ChargeDescription: `${commitment.name}, monthly payment`,
    PricingCategory: "Standard",
    PricingQuantity: formatDecimal(fromScaled(hours)),
    PricingUnit: "Hours",
    CommitmentDiscountQuantity: formatDecimal(commitment.category === "Spend" ? cost : fromScaled(hours)),
    SkuId: `${profile.cloud}-commitment`,
    SkuPriceId: `${profile.cloud}-commitment-fee`,
  };
}

function feeRow(profile: CloudProfile, fee: Fee, start: Day, end: Day): FocusRow {
  const amount = parseDecimal(fee.amount);
  const [from, to] = fee.day === undefined ? [start, end] : [fee.day, addDays(fee.day, 1)];
  const sku = `${profile.cloud}-${slug(fee.service)}-fee`;
  const purchase: FocusRow = {
    ...prices(amount, amount, parseDecimal("1")),
    PricingCategory: "Standard",
    PricingQuantity: "1",
    PricingUnit: "Months",
    SkuId: sku,
    SkuPriceId: `${sku}-1`,
  };
  return {
    ...baseRow(profile, from, to, fee.service, fee.owner),
    ...costs({ billed: amount, effective: amount, list: amount, contracted: amount }),
    ChargeCategory: fee.category,
    ChargeFrequency: fee.category === "Purchase" ? "Recurring" : "One-Time",
    ChargeDescription: fee.description,
    PublisherName: fee.publisher ?? profile.issuer,
    ...(fee.category === "Purchase" ? purchase : {}),
  };
}

function taxRow(profile: CloudProfile, month: Month, rows: readonly FocusRow[]): FocusRow {
  const billed = sum(rows.map((row) => parseDecimal(row.BilledCost ?? "")));
  const exact = (billed * BigInt(profile.tax)) / 1000n;
  const tax = fromScaled((exact / 10n ** 16n) * 10n ** 16n);
  const { start, end } = billedDays(month);
  return {
    ...baseRow(profile, start, end, profile.taxService, "untagged"),
    ...costs({ billed: tax, effective: tax, list: tax, contracted: tax }),
    ChargeCategory: "Tax",
    ChargeFrequency: "One-Time",
    ChargeDescription: "Tax on the charges of the month",
  };
}

/** Σ of a cost column over rows that pass. */
export function total(
  rows: Iterable<FocusRow>,
  column: "BilledCost" | "EffectiveCost",
  keep: (row: FocusRow) => boolean,
): Decimal {
  let amount = ZERO;
  for (const row of rows) if (keep(row)) amount = add(amount, parseDecimal(row[column] ?? ""));
  return amount;
}
