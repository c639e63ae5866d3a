import { writeFile } from "node:fs/promises";

/** One line of a small hand-made FOCUS bill. */
export interface BillLine {
  day?: string;
  billed: string;
  effective?: string;
  currency?: string;
  account?: string;
  service?: string;
  tags?: Readonly<Record<string, string>> | string;
  period?: string;
  provider?: string;
  description?: string;
}

const HEADER =
  "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,BillingAccountName,BillingAccountType,BillingCurrency,BillingPeriodStart,BillingPeriodEnd," +
  "ChargeCategory,ChargeClass,ChargeDescription,ChargeFrequency,ChargePeriodStart,ChargePeriodEnd,HostProviderName,InvoiceIssuerName,ServiceProviderName," +
  "PricingCurrency,PricingCurrencyEffectiveCost,PricingCategory,PricingQuantity,PricingUnit,ServiceCategory,ServiceName,ServiceSubcategory,SubAccountId,SubAccountName,SubAccountType,Tags";

/** A valid FOCUS 1.4 CSV of usage charges. */
export function focusCsv(lines: readonly BillLine[]): string {
  return `${[HEADER, ...lines.map(row)].join("\n")}\n`;
}

export async function writeFocusBill(file: string, lines: readonly BillLine[]): Promise<void> {
  await writeFile(file, focusCsv(lines));
}

function row(line: BillLine): string {
  const day = line.day ?? "2024-09-01";
  const period = line.period ?? day.slice(0, 7);
  const next = new Date(Date.UTC(Number(period.slice(0, 4)), Number(period.slice(5, 7)), 1)).toISOString().slice(0, 10);
  const tomorrow = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  const cost = line.effective ?? line.billed;
  const currency = line.currency ?? "USD";
  const provider = line.provider ?? "AWS";
  const tags = typeof line.tags === "string" ? line.tags : line.tags === undefined ? "" : JSON.stringify(line.tags);
  return [
    line.billed,
    cost,
    line.billed,
    line.billed,
    "999900000001",
    "Payer",
    "Account",
    currency,
    `${period}-01T00:00:00Z`,
    `${next}T00:00:00Z`,
    "Usage",
    "",
    line.description ?? "Something used",
    "Usage-Based",
    `${day}T00:00:00Z`,
    `${tomorrow}T00:00:00Z`,
    provider,
    provider,
    provider,
    currency,
    cost,
    "Standard",
    "1",
    "Hours",
    "Compute",
    line.service ?? "Amazon EC2",
    "Virtual Machines",
    line.account ?? "111122223333",
    "Main",
    "Account",
    tags,
  ]
    .map(cell)
    .join(",");
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
