locals {
  # What the mapping of CUR 2.0 reads (shared/ingestion/sources/aws-data-export/columns.ts), and the tags.
  cur2_columns = [
    "bill_bill_type",
    "bill_billing_entity",
    "bill_billing_period_start_date",
    "bill_invoice_id",
    "bill_invoicing_entity",
    "bill_payer_account_id",
    "bill_payer_account_name",
    "cost_category",
    "discount",
    "identity_line_item_id",
    "identity_time_interval",
    "line_item_availability_zone",
    "line_item_currency_code",
    "line_item_legal_entity",
    "line_item_line_item_description",
    "line_item_line_item_type",
    "line_item_net_unblended_cost",
    "line_item_operation",
    "line_item_product_code",
    "line_item_resource_id",
    "line_item_unblended_cost",
    "line_item_unblended_rate",
    "line_item_usage_account_id",
    "line_item_usage_account_name",
    "line_item_usage_amount",
    "line_item_usage_end_date",
    "line_item_usage_start_date",
    "line_item_usage_type",
    "pricing_currency",
    "pricing_public_on_demand_cost",
    "pricing_public_on_demand_rate",
    "pricing_rate_code",
    "pricing_rate_id",
    "pricing_unit",
    "product",
    "product_location",
    "product_region_code",
    "product_sku",
    "reservation_effective_cost",
    "reservation_net_effective_cost",
    "reservation_net_unused_amortized_upfront_fee_for_billing_period",
    "reservation_net_unused_recurring_fee",
    "reservation_reservation_a_r_n",
    "reservation_unused_amortized_upfront_fee_for_billing_period",
    "reservation_unused_quantity",
    "reservation_unused_recurring_fee",
    "resource_tags",
    "savings_plan_amortized_upfront_commitment_for_billing_period",
    "savings_plan_net_amortized_upfront_commitment_for_billing_period",
    "savings_plan_net_recurring_commitment_for_billing_period",
    "savings_plan_net_savings_plan_effective_cost",
    "savings_plan_recurring_commitment_for_billing_period",
    "savings_plan_savings_plan_a_r_n",
    "savings_plan_savings_plan_effective_cost",
    "savings_plan_total_commitment_to_date",
    "savings_plan_used_commitment",
    "split_line_item_parent_resource_id",
  ]
}

resource "aws_s3_bucket" "export" {
  count = var.data_export == null ? 0 : 1

  bucket        = var.data_export.bucket
  force_destroy = false
  tags          = local.tags
}

resource "aws_s3_bucket_public_access_block" "export" {
  count = var.data_export == null ? 0 : 1

  bucket                  = aws_s3_bucket.export[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "export" {
  count = var.data_export == null ? 0 : 1

  bucket = aws_s3_bucket.export[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_notification" "export" {
  count = var.data_export == null ? 0 : 1

  bucket      = aws_s3_bucket.export[0].id
  eventbridge = true
}

resource "aws_s3_bucket_policy" "export" {
  count = var.data_export == null ? 0 : 1

  bucket = aws_s3_bucket.export[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.export[0].arn, "${aws_s3_bucket.export[0].arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "DataExports"
        Effect    = "Allow"
        Principal = { Service = ["bcm-data-exports.amazonaws.com", "billingreports.amazonaws.com"] }
        Action    = ["s3:GetBucketPolicy", "s3:PutObject"]
        Resource  = [aws_s3_bucket.export[0].arn, "${aws_s3_bucket.export[0].arn}/*"]
        Condition = {
          StringEquals = { "aws:SourceAccount" = local.account }
          ArnLike = { "aws:SourceArn" = [
            "arn:${local.partition}:bcm-data-exports:us-east-1:${local.account}:export/*",
            "arn:${local.partition}:cur:us-east-1:${local.account}:definition/*",
          ] }
        }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.export]
}

resource "aws_bcmdataexports_export" "cur2" {
  count = var.data_export == null ? 0 : 1

  export {
    name = "${var.name}-cur2"

    data_query {
      query_statement = "SELECT ${join(", ", local.cur2_columns)} FROM COST_AND_USAGE_REPORT"

      table_configurations = {
        COST_AND_USAGE_REPORT = {
          TIME_GRANULARITY                      = "DAILY"
          INCLUDE_RESOURCES                     = "TRUE"
          INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY = "FALSE"
          INCLUDE_SPLIT_COST_ALLOCATION_DATA    = "FALSE"
        }
      }
    }

    destination_configurations {
      s3_destination {
        s3_bucket = aws_s3_bucket.export[0].id
        s3_prefix = var.data_export.prefix
        s3_region = local.region

        s3_output_configurations {
          compression = "PARQUET"
          format      = "PARQUET"
          output_type = "CUSTOM"
          # One set of files per billing period: GenOps replaces a period as a whole.
          overwrite = "OVERWRITE_REPORT"
        }
      }
    }

    refresh_cadence {
      frequency = "SYNCHRONOUS"
    }
  }

  depends_on = [aws_s3_bucket_policy.export]
}
