import { mkdir } from "node:fs/promises";
import path from "node:path";
import { createDuckDbEngine } from "../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import { sqlText } from "../../shared/ports/sql-engine.ts";
import { CUR2_COLUMNS } from "./cur2-columns.ts";

export interface CurOptions {
  rows: number;
  /** Folder that receives the file. */
  dir: string;
  format: "csv" | "csv.gz" | "parquet";
  seed: number;
}

/**
 * Writes a CUR 2.0 of one month and returns its path. Every row is drawn by itself (hash of its number and the seed), so nothing
 * compresses better than in a real bill because rows repeat. Savings plan negation mirrors the covered row before it (AWS-5).
 */
export async function generateCur(options: CurOptions): Promise<string> {
  await mkdir(options.dir, { recursive: true });
  const target = path.join(options.dir, `cur2-${options.rows}.${options.format}`);
  const engine = await createDuckDbEngine({
    tempDir: path.join(options.dir, `generate-${options.rows}`),
    memoryLimit: "4GB",
  });
  const parquet = options.format === "parquet";
  const columns = CUR2_COLUMNS.map((name) => `${parquet ? typed(name) : text(name)} AS ${name}`).join(",\n");
  const how = parquet
    ? "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000"
    : `FORMAT csv, HEADER${options.format === "csv.gz" ? ", COMPRESSION gzip" : ""}`;
  try {
    await engine.run(`COPY (SELECT ${columns} FROM (${lineItems(options)})) TO ${sqlText(target)} (${how})`);
  } finally {
    await engine.close();
  }
  return target;
}

/** Draws: what kind of row, which product, account, day and hour, how much. */
function lineItems({ rows, seed }: CurOptions): string {
  return `
  SELECT *,
    CASE WHEN kind = 'Tax' THEN NULL ELSE product_kind[2] || ':' || size END AS usage_type,
    CASE WHEN kind NOT IN ('Tax', 'Credit') THEN (quantity_millionths / 1000000)::DECIMAL(18,6)::VARCHAR END AS amount,
    (quantity_millionths::HUGEINT * rate_nanos // 100000) AS cost_units
  FROM (
    SELECT *,
      [['AmazonEC2', 'BoxUsage', 'Amazon Elastic Compute Cloud', 'Hrs', 'Compute Instance'],
       ['AmazonEC2', 'DataTransfer-Out-Bytes', 'Amazon Elastic Compute Cloud', 'GB', 'Data Transfer'],
       ['AmazonS3', 'Requests-Tier1', 'Amazon Simple Storage Service', 'Requests', 'API Request'],
       ['AmazonS3', 'TimedStorage-ByteHrs', 'Amazon Simple Storage Service', 'GB-Mo', 'Storage'],
       ['AmazonRDS', 'InstanceUsage', 'Amazon Relational Database Service', 'Hrs', 'Database Instance'],
       ['AWSLambda', 'Lambda-GB-Second', 'AWS Lambda', 'Lambda-GB-Second', 'Serverless'],
       ['AmazonCloudWatch', 'CW:Requests', 'AmazonCloudWatch', 'Metrics', 'API Request'],
       ['AmazonBedrock', 'Claude-input-tokens', 'Amazon Bedrock', '1K tokens', 'Amazon Bedrock'],
       ['awskms', 'KMS-Requests', 'AWS Key Management Service', 'Requests', 'API Request'],
       ['AmazonEKS', 'AmazonEKS-Hours:perCluster', 'Amazon Elastic Container Service for Kubernetes', 'Hours', 'Compute']
      ][1 + (CASE WHEN slot IN (17, 18, 19) THEN 0 ELSE (h1 >> 8) % 10 END)::INTEGER] AS product_kind,
      ['m5.large', 'm6i.xlarge', 'c6i.4xlarge', 'r6i.large', 'p4d.24xlarge', 't3.medium'][1 + ((h1 >> 16) % 6)::INTEGER] AS size,
      ['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-southeast-2'][1 + ((h1 >> 24) % 5)::INTEGER] AS region,
      printf('%012d', 100000000000 + ((h1 >> 32) % 40) * 7919) AS account,
      (h1 >> 40) % 720 AS hour,
      (h2 % 60000)::BIGINT AS resource,
      CASE WHEN slot >= 10 THEN 1000000 ELSE 1 + ((h2 >> 16) % 90000000) END::BIGINT AS quantity_millionths,
      (100 + (h2 >> 40) % 900000000)::BIGINT AS rate_nanos,
      CASE slot
        WHEN 18 THEN 'SavingsPlanCoveredUsage' WHEN 19 THEN 'SavingsPlanNegation' WHEN 17 THEN 'DiscountedUsage'
        WHEN 15 THEN CASE WHEN i % 400 = 15 THEN 'Tax' WHEN i % 400 = 35 THEN 'Credit' WHEN i % 400 = 55 THEN 'SavingsPlanRecurringFee'
          WHEN i % 400 = 75 THEN 'RIFee' WHEN i % 400 = 95 THEN 'Fee' WHEN i % 400 = 115 THEN 'Refund' ELSE 'Usage' END
        ELSE 'Usage' END AS kind
    FROM (
      SELECT i, i % 20 AS slot, hash(drawn, ${seed}) AS h1, hash(drawn, ${seed} + 1) AS h2
      FROM (SELECT i, CASE WHEN i % 20 = 19 THEN i - 1 ELSE i END AS drawn FROM range(${rows}) AS numbers(i))
    )
  )`;
}

/** Costs are drawn in units of 10⁻¹⁰, rates of 10⁻⁹, as many digits as AWS prints. */
const COST = (units: string): string =>
  `((${units})::DECIMAL(18,0) * 0.0000000001::DECIMAL(11,10))::DECIMAL(28,10)::VARCHAR`;
const RATE = (nanos: string): string =>
  `((${nanos})::DECIMAL(18,0) * 0.000000001::DECIMAL(10,9))::DECIMAL(27,9)::VARCHAR`;
const USAGE = "kind IN ('Usage', 'SavingsPlanCoveredUsage', 'SavingsPlanNegation', 'DiscountedUsage')";
const PLAN = "kind IN ('SavingsPlanCoveredUsage', 'SavingsPlanNegation', 'SavingsPlanRecurringFee')";
const RESERVATION = "kind IN ('DiscountedUsage', 'RIFee')";

/** Columns that hold something; the rest is empty, as most columns of a real row are. */
const COLUMNS: Readonly<Record<string, string>> = {
  bill_bill_type: "CASE WHEN kind = 'Refund' THEN 'Refund' ELSE 'Anniversary' END",
  bill_billing_entity: "'AWS'",
  bill_billing_period_end_date: "'2024-10-01T00:00:00.000Z'",
  bill_billing_period_start_date: "'2024-09-01T00:00:00.000Z'",
  bill_invoice_id: "'1734902001'",
  bill_invoicing_entity: "'Amazon Web Services, Inc.'",
  bill_payer_account_id: "'999900000001'",
  bill_payer_account_name: "'genops-payer'",
  cost_category: `CASE WHEN i % 3 = 0 THEN '{}' ELSE '{"Department": "dept-' || h2 % 12 || '"}' END`,
  discount: "'{}'",
  identity_line_item_id: "substr(md5(i::VARCHAR) || md5((i + 7)::VARCHAR), 1, 52)",
  identity_time_interval: `strftime(TIMESTAMP '2024-09-01' + to_hours(hour::INTEGER), '%Y-%m-%dT%H:00:00Z') || '/' ||
    strftime(TIMESTAMP '2024-09-01' + to_hours((hour + 1)::INTEGER), '%Y-%m-%dT%H:00:00Z')`,
  line_item_availability_zone: `CASE WHEN ${USAGE} THEN region || chr(97 + (h1 % 3)::INTEGER) END`,
  line_item_blended_cost: COST("cost_units"),
  line_item_blended_rate: RATE("rate_nanos"),
  line_item_currency_code: "'USD'",
  line_item_legal_entity: "'Amazon Web Services, Inc.'",
  line_item_line_item_description: `CASE WHEN ${USAGE} THEN '$' || rate_nanos / 1000000000 || ' per ' || product_kind[4] || ' ' || usage_type ELSE kind || ' for ' || product_kind[1] END`,
  line_item_line_item_type: "kind",
  line_item_normalization_factor: "CASE WHEN product_kind[2] = 'BoxUsage' THEN '4.0' END",
  line_item_normalized_usage_amount: "CASE WHEN product_kind[2] = 'BoxUsage' THEN '4.0' END",
  line_item_operation: "CASE WHEN kind <> 'Tax' THEN product_kind[2] || 'Op' END",
  line_item_product_code: "product_kind[1]",
  line_item_resource_id: `CASE WHEN ${USAGE} THEN CASE product_kind[1]
    WHEN 'AmazonEC2' THEN printf('i-0%016x', resource * 2654435761) WHEN 'AmazonS3' THEN 'bucket-' || resource % 900
    ELSE 'arn:aws:' || lower(product_kind[1]) || ':' || region || ':' || account || ':resource/' || resource END END`,
  line_item_tax_type: "CASE WHEN kind = 'Tax' THEN 'USSalesTax' END",
  line_item_unblended_cost: `CASE WHEN kind IN ('SavingsPlanNegation', 'Credit', 'Refund') THEN '-' || ${COST("cost_units")}
    WHEN kind = 'DiscountedUsage' THEN '0.0' ELSE ${COST("cost_units")} END`,
  line_item_unblended_rate: RATE("rate_nanos"),
  line_item_usage_account_id: "account",
  line_item_usage_account_name: "'account-' || (h1 >> 32) % 40",
  line_item_usage_amount: "amount",
  line_item_usage_end_date:
    "strftime(TIMESTAMP '2024-09-01' + to_hours((hour + 1)::INTEGER), '%Y-%m-%dT%H:00:00.000Z')",
  line_item_usage_start_date: "strftime(TIMESTAMP '2024-09-01' + to_hours(hour::INTEGER), '%Y-%m-%dT%H:00:00.000Z')",
  line_item_usage_type: "usage_type",
  pricing_currency: "'USD'",
  pricing_public_on_demand_cost: `CASE WHEN ${USAGE} THEN ${COST("cost_units")} END`,
  pricing_public_on_demand_rate: `CASE WHEN ${USAGE} THEN ${RATE("rate_nanos")} END`,
  pricing_rate_code: `CASE WHEN ${USAGE} THEN 'SKU' || h1 % 4000 || '.JRTCKXETXF.6YS6EN2CT7' END`,
  pricing_rate_id: `CASE WHEN ${USAGE} THEN (h1 % 4000 + 1000000)::VARCHAR END`,
  pricing_term: "CASE WHEN kind = 'DiscountedUsage' THEN 'Reserved' WHEN kind = 'Usage' THEN 'OnDemand' END",
  pricing_unit: "CASE WHEN kind NOT IN ('Tax', 'Credit') THEN product_kind[4] END",
  product: `'{"product_name": "' || product_kind[3] || '", "region": "' || region || '", "servicename": "' || product_kind[3] ||
    '", "instance_type": "' || size || '", "vcpu": "' || h1 % 4 * 8 || '", "memory": "' || h1 % 8 * 16 || ' GiB", "operating_system": "Linux", "tenancy": "Shared"}'`,
  product_instance_type: "CASE WHEN product_kind[2] IN ('BoxUsage', 'InstanceUsage') THEN size END",
  product_location: "region",
  product_location_type: "'AWS Region'",
  product_operation: "CASE WHEN kind <> 'Tax' THEN product_kind[2] || 'Op' END",
  product_product_family: "product_kind[5]",
  product_region_code: "region",
  product_servicecode: "product_kind[1]",
  product_sku: `CASE WHEN ${USAGE} THEN 'SKU' || h1 % 4000 END`,
  product_usagetype: "usage_type",
  reservation_effective_cost: `CASE WHEN kind = 'DiscountedUsage' THEN ${COST("cost_units // 2")} END`,
  reservation_recurring_fee_for_usage: `CASE WHEN kind = 'DiscountedUsage' THEN ${COST("cost_units // 2")} END`,
  reservation_reservation_a_r_n: `CASE WHEN ${RESERVATION} THEN 'arn:aws:ec2:us-east-1:100000000000:reserved-instances/ri-' || h1 % 30 END`,
  reservation_unused_amortized_upfront_fee_for_billing_period: "CASE WHEN kind = 'RIFee' THEN '0.0' END",
  reservation_unused_recurring_fee: `CASE WHEN kind = 'RIFee' THEN ${COST("cost_units // 3")} END`,
  resource_tags: `CASE WHEN i % 5 = 0 THEN '{}' ELSE '{"user_team": "team-' || (h2 >> 8) % 12 || '", "user_project": "project-' ||
    (h2 >> 8) % 60 || '", "user_environment": "' || ['prod', 'staging', 'dev'][1 + (h2 % 3)::INTEGER] || '", "user_cost_center": "CC-' ||
    4000 + (h2 >> 8) % 12 || '", "aws_created_by": "AssumedRole:AROA' || (h2 >> 12) % 25 || ':ci"}' END`,
  savings_plan_amortized_upfront_commitment_for_billing_period:
    "CASE WHEN kind = 'SavingsPlanRecurringFee' THEN '0.0' END",
  savings_plan_offering_type: `CASE WHEN ${PLAN} THEN 'ComputeSavingsPlans' END`,
  savings_plan_recurring_commitment_for_billing_period: "CASE WHEN kind = 'SavingsPlanRecurringFee' THEN '72.0' END",
  savings_plan_savings_plan_a_r_n: `CASE WHEN ${PLAN} THEN 'arn:aws:savingsplans::100000000000:savingsplan/plan-' || h1 % 9 END`,
  savings_plan_savings_plan_effective_cost: `CASE WHEN kind = 'SavingsPlanCoveredUsage' THEN ${COST("cost_units * 7 // 10")} END`,
  savings_plan_savings_plan_rate: `CASE WHEN kind = 'SavingsPlanCoveredUsage' THEN ${RATE("rate_nanos * 7 // 10")} END`,
  savings_plan_total_commitment_to_date: "CASE WHEN kind = 'SavingsPlanRecurringFee' THEN '12.0' END",
  savings_plan_used_commitment: `CASE WHEN kind = 'SavingsPlanRecurringFee' THEN (10 + h1 % 3) || '.0' END`,
};

function text(name: string): string {
  return COLUMNS[name] ?? "NULL::VARCHAR";
}

/** As AWS types its Parquet files: numbers are doubles, times timestamps, maps maps. */
function typed(name: string): string {
  if (/^(resource_tags|cost_category|discount|product)$/.test(name))
    return `(${text(name)})::JSON::MAP(VARCHAR, VARCHAR)`;
  if (/(_start_date|_end_date)$/.test(name)) return `(${text(name)})::TIMESTAMP`;
  if (
    /(_cost|_rate|_amount|_fee|_quantity|_factor|_discount|_to_date|used_commitment|_for_billing_period|_for_usage|_ratio)$/.test(
      name,
    )
  ) {
    return `(${text(name)})::DOUBLE`;
  }
  return `(${text(name)})::VARCHAR`;
}
