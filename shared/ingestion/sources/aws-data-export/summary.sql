-- One pass over the bill for everything that must be known before it is mapped, or checked beside the mapping: sums per kind of line item
-- (control totals, AWS-2, AWS-5, AWS-7) and the distinct texts of the maps (tags, products), so that JSON is taken apart once per text and
-- not once per row. Column `about` tells the four groupings apart. This file shares nothing with mapping.sql but money().
WITH
numbers AS (
  SELECT
    source_file,
    bill_payer_account_id AS payer,
    left(coalesce(bill_billing_period_start_date, line_item_usage_start_date), 7) AS billing_period,
    coalesce(bill_payer_account_id, '') || ' ' || left(coalesce(bill_billing_period_start_date, line_item_usage_start_date), 7) AS mode_key,
    line_item_currency_code AS currency,
    line_item_line_item_type AS line_item_type,
    line_item_product_code AS product_code,
    resource_tags,
    product,
    split_line_item_parent_resource_id IS NOT NULL AS is_split,
    savings_plan_savings_plan_a_r_n AS savings_plan,
    savings_plan_savings_plan_a_r_n IS NOT NULL
      OR coalesce(reservation_reservation_a_r_n NOT LIKE '%:capacity-reservation/%', FALSE) AS is_committed,
    line_item_net_unblended_cost IS NOT NULL AS has_net,
    money(line_item_unblended_cost) AS gross_cost,
    money(line_item_net_unblended_cost) AS net_unblended_cost,
    -- AWS-3 and AWS-8: what stands in the place of the cost, gross and net; null where it does not apply or is not delivered.
    CASE line_item_line_item_type
      WHEN 'SavingsPlanCoveredUsage' THEN money(savings_plan_savings_plan_effective_cost)
      WHEN 'DiscountedUsage' THEN money(reservation_effective_cost)
      WHEN 'SavingsPlanRecurringFee' THEN money(savings_plan_total_commitment_to_date) - money(savings_plan_used_commitment)
      WHEN 'RIFee' THEN coalesce(money(reservation_unused_amortized_upfront_fee_for_billing_period), 0) + money(reservation_unused_recurring_fee)
    END AS gross_amortized,
    CASE line_item_line_item_type
      WHEN 'SavingsPlanCoveredUsage' THEN
        money(coalesce(savings_plan_net_savings_plan_effective_cost, savings_plan_savings_plan_effective_cost))
      WHEN 'DiscountedUsage' THEN money(coalesce(reservation_net_effective_cost, reservation_effective_cost))
      WHEN 'SavingsPlanRecurringFee' THEN
        CASE WHEN savings_plan_net_amortized_upfront_commitment_for_billing_period IS NULL
               OR savings_plan_net_recurring_commitment_for_billing_period IS NULL
               OR coalesce(money(savings_plan_amortized_upfront_commitment_for_billing_period), 0)
                + coalesce(money(savings_plan_recurring_commitment_for_billing_period), 0) = 0
          THEN money(savings_plan_total_commitment_to_date) - money(savings_plan_used_commitment)
          ELSE times_over(
            money(savings_plan_total_commitment_to_date) - money(savings_plan_used_commitment),
            money(savings_plan_net_amortized_upfront_commitment_for_billing_period)
              + money(savings_plan_net_recurring_commitment_for_billing_period),
            coalesce(money(savings_plan_amortized_upfront_commitment_for_billing_period), 0)
              + coalesce(money(savings_plan_recurring_commitment_for_billing_period), 0))
        END
      WHEN 'RIFee' THEN
        coalesce(money(coalesce(
          reservation_net_unused_amortized_upfront_fee_for_billing_period,
          reservation_unused_amortized_upfront_fee_for_billing_period)), 0)
        + money(coalesce(reservation_net_unused_recurring_fee, reservation_unused_recurring_fee))
    END AS net_amortized
  FROM aws_bill
),
costs AS (
  SELECT *,
    -- AWS-2
    CASE
      WHEN has_net THEN net_unblended_cost
      WHEN line_item_type IN ('EdpDiscount', 'PrivateRateDiscount', 'BundledDiscount', 'Discount') THEN 0
      ELSE gross_cost
    END AS net_cost,
    line_item_type IN ('SavingsPlanNegation', 'SavingsPlanUpfrontFee') OR line_item_type IN ('Fee', 'Refund') AND is_committed AS is_free
  FROM numbers
)
SELECT
  CASE grouping_id(line_item_type, product_code, product, resource_tags)
    WHEN 7 THEN 'sums' WHEN 11 THEN 'product code' WHEN 13 THEN 'product' ELSE 'tags'
  END AS about,
  source_file, mode_key, payer, billing_period, currency, line_item_type, is_split, savings_plan,
  product_code, product, resource_tags,
  count(*) AS line_items,
  count(*) FILTER (has_net) AS net_values,
  count(*) FILTER (NOT is_split AND gross_amortized IS NULL
    AND line_item_type IN ('SavingsPlanCoveredUsage', 'DiscountedUsage', 'SavingsPlanRecurringFee', 'RIFee')) AS unamortised,
  sum(gross_cost) AS gross_cost,
  sum(net_cost) AS net_cost,
  max(abs(gross_cost)) + coalesce(max(abs(net_unblended_cost)), 0) AS largest_cost,
  sum(CASE WHEN is_free THEN 0 ELSE coalesce(gross_amortized, CASE WHEN line_item_type <> 'SavingsPlanCoveredUsage' THEN gross_cost ELSE 0 END) END) AS gross_effective,
  sum(CASE WHEN is_free THEN 0 ELSE coalesce(net_amortized, CASE WHEN line_item_type <> 'SavingsPlanCoveredUsage' THEN net_cost ELSE 0 END) END) AS net_effective,
  count(*) FILTER (line_item_type IN ('SavingsPlanRecurringFee', 'RIFee') AND gross_amortized <> 0) AS gross_unused_rows,
  count(*) FILTER (line_item_type IN ('SavingsPlanRecurringFee', 'RIFee') AND net_amortized <> 0) AS net_unused_rows
FROM costs
GROUP BY GROUPING SETS (
  (source_file, mode_key, payer, billing_period, currency, line_item_type, is_split, savings_plan),
  (product_code),
  (product),
  (resource_tags)
)
