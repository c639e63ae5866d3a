-- `delivered` with money, instants and allowed values understood; every text is read once. X-1: money(); X-2: instant(), a missing zone is UTC.
CREATE OR REPLACE TEMP VIEW typed AS
SELECT * REPLACE (
  money(BilledCost) AS BilledCost,
  money(EffectiveCost) AS EffectiveCost,
  money(ListCost) AS ListCost,
  money(ContractedCost) AS ContractedCost,
  money(ListUnitPrice) AS ListUnitPrice,
  money(ContractedUnitPrice) AS ContractedUnitPrice,
  money(PricingQuantity) AS PricingQuantity,
  money(ConsumedQuantity) AS ConsumedQuantity,
  money(CommitmentDiscountQuantity) AS CommitmentDiscountQuantity,
  money(PricingCurrencyEffectiveCost) AS PricingCurrencyEffectiveCost,
  money(PricingCurrencyListUnitPrice) AS PricingCurrencyListUnitPrice,
  money(PricingCurrencyContractedUnitPrice) AS PricingCurrencyContractedUnitPrice,
  instant(BillingPeriodStart) AS BillingPeriodStart,
  instant(BillingPeriodEnd) AS BillingPeriodEnd,
  instant(ChargePeriodStart) AS ChargePeriodStart,
  instant(ChargePeriodEnd) AS ChargePeriodEnd,
  -- UP-6: `usage` → `Usage`; what is no allowed value in any spelling stays and is reported.
  spelled_ChargeCategory(ChargeCategory) AS ChargeCategory,
  spelled_ChargeClass(ChargeClass) AS ChargeClass,
  spelled_ChargeFrequency(ChargeFrequency) AS ChargeFrequency,
  spelled_PricingCategory(PricingCategory) AS PricingCategory,
  spelled_ServiceCategory(ServiceCategory) AS ServiceCategory,
  spelled_ServiceSubcategory(ServiceSubcategory) AS ServiceSubcategory,
  spelled_CommitmentDiscountCategory(CommitmentDiscountCategory) AS CommitmentDiscountCategory,
  spelled_CommitmentDiscountStatus(CommitmentDiscountStatus) AS CommitmentDiscountStatus,
  spelled_CapacityReservationStatus(CapacityReservationStatus) AS CapacityReservationStatus,
  -- What was delivered in another spelling, for the way back: `ChargeFrequency=Usage-based`.
  coalesce(x_Respelled, nullif(concat_ws('|',
    CASE WHEN ChargeCategory <> spelled_ChargeCategory(ChargeCategory) THEN 'ChargeCategory=' || ChargeCategory END,
    CASE WHEN ChargeClass <> spelled_ChargeClass(ChargeClass) THEN 'ChargeClass=' || ChargeClass END,
    CASE WHEN ChargeFrequency <> spelled_ChargeFrequency(ChargeFrequency) THEN 'ChargeFrequency=' || ChargeFrequency END,
    CASE WHEN PricingCategory <> spelled_PricingCategory(PricingCategory) THEN 'PricingCategory=' || PricingCategory END,
    CASE WHEN ServiceCategory <> spelled_ServiceCategory(ServiceCategory) THEN 'ServiceCategory=' || ServiceCategory END,
    CASE WHEN ServiceSubcategory <> spelled_ServiceSubcategory(ServiceSubcategory) THEN 'ServiceSubcategory=' || ServiceSubcategory END,
    CASE WHEN CommitmentDiscountCategory <> spelled_CommitmentDiscountCategory(CommitmentDiscountCategory) THEN 'CommitmentDiscountCategory=' || CommitmentDiscountCategory END,
    CASE WHEN CommitmentDiscountStatus <> spelled_CommitmentDiscountStatus(CommitmentDiscountStatus) THEN 'CommitmentDiscountStatus=' || CommitmentDiscountStatus END,
    CASE WHEN CapacityReservationStatus <> spelled_CapacityReservationStatus(CapacityReservationStatus) THEN 'CapacityReservationStatus=' || CapacityReservationStatus END), '')) AS x_Respelled
),
CASE WHEN regexp_matches(ProviderName, '^(aws|amazon)', 'i') THEN 'aws' WHEN regexp_matches(ProviderName, '^(microsoft|azure)', 'i') THEN 'microsoft'
     WHEN regexp_matches(ProviderName, '^(google|gcp)', 'i') THEN 'google' WHEN regexp_matches(ProviderName, '^(oracle|oci)', 'i') THEN 'oracle' END AS provider_family
FROM delivered;
