-- In-cluster shares (OpenCost) → FOCUS 1.4. No row costs anything: the cluster's bill is in its cloud's bill, and x_ShareWeight only says
-- how it is split (shared/ingestion/allocation/split-clusters.ts). Never add a meter to a bill (reference: more-contracts.md §4.2).
SELECT
  0::DECIMAL(38,18) AS BilledCost,
  0::DECIMAL(38,18) AS EffectiveCost,
  0::DECIMAL(38,18) AS ListCost,
  0::DECIMAL(38,18) AS ContractedCost,
  configured_account AS BillingAccountId,
  'Cluster' AS BillingAccountType,
  configured_currency AS BillingCurrency,
  configured_currency AS PricingCurrency,
  0::DECIMAL(38,18) AS PricingCurrencyEffectiveCost,
  date_trunc('month', day::DATE)::TIMESTAMP AS BillingPeriodStart,
  (date_trunc('month', day::DATE) + INTERVAL 1 MONTH)::TIMESTAMP AS BillingPeriodEnd,
  day::DATE::TIMESTAMP AS ChargePeriodStart,
  (day::DATE + INTERVAL 1 DAY)::TIMESTAMP AS ChargePeriodEnd,
  'Usage' AS ChargeCategory,
  CASE WHEN idle THEN 'Idle capacity of ' ELSE 'Share of ' END || configured_account || ': ' || name AS ChargeDescription,
  'Usage-Based' AS ChargeFrequency,
  'Standard' AS PricingCategory,
  1::DECIMAL(38,18) AS PricingQuantity,
  'Share' AS PricingUnit,
  'OpenCost' AS HostProviderName,
  'OpenCost' AS InvoiceIssuerName,
  'OpenCost' AS ServiceProviderName,
  'Compute' AS ServiceCategory,
  'Kubernetes' AS ServiceName,
  'Containers' AS ServiceSubcategory,
  configured_account AS SubAccountId,
  'Cluster' AS SubAccountType,
  name AS ResourceId,
  CASE WHEN namespace = '' AND labels IS NULL THEN NULL
       ELSE json_merge_patch(coalesce(labels, '{}'), CASE WHEN namespace = '' THEN '{}' ELSE json_object('k8s-namespace', namespace) END)::VARCHAR
  END AS Tags,
  'metered' AS x_CostSource,
  idle AS x_Idle,
  money(weight) AS x_ShareWeight
FROM bill
