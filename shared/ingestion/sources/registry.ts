import type { SourceConfig, SourceConfigOf, SourceTypeName } from "../../config/types.ts";
import { awsCostExplorerFetcher } from "./aws-cost-explorer/fetch.ts";
import { awsCostExplorerSource } from "./aws-cost-explorer/index.ts";
import { awsDataExportSource } from "./aws-data-export/index.ts";
import { azureCostExportSource } from "./azure-cost-export/index.ts";
import { azureCostQueryFetcher } from "./azure-cost-query/fetch.ts";
import { azureCostQuerySource } from "./azure-cost-query/index.ts";
import type { FileSource, FileSourceType } from "./bill.ts";
import { customSource } from "./custom/index.ts";
import type { BillFetcher } from "./fetcher.ts";
import { focusTableFetcher } from "./focus-export/fetch.ts";
import { focusExportSource } from "./focus-export/index.ts";
import { gcpBillingExportFetcher } from "./gcp-billing-export/fetch.ts";
import { gcpBillingExportSource } from "./gcp-billing-export/index.ts";
import { opencostFetcher } from "./opencost/fetch.ts";
import { opencostSource } from "./opencost/index.ts";

/** Every source that reads files, by its `type` in genops.yaml. A test holds it equal to the folder list. */
export const FILE_SOURCES: { readonly [T in FileSourceType]: FileSource<T> } = {
  "aws-data-export": awsDataExportSource,
  "aws-cost-explorer": awsCostExplorerSource,
  "azure-cost-export": azureCostExportSource,
  "azure-cost-query": azureCostQuerySource,
  "gcp-billing-export": gcpBillingExportSource,
  "focus-export": focusExportSource,
  opencost: opencostSource,
  custom: customSource,
};

/** The reader of a source type. */
export function fileSourceOf<T extends FileSourceType>(type: T): FileSource<T> {
  return FILE_SOURCES[type];
}

export function isFileSourceType(type: string): type is FileSourceType {
  return Object.hasOwn(FILE_SOURCES, type);
}

/** Sources whose bills come from an API, by type. */
const FETCHERS: { readonly [T in SourceTypeName]?: BillFetcher<T> } = {
  "aws-cost-explorer": awsCostExplorerFetcher,
  "azure-cost-query": azureCostQueryFetcher,
  "focus-export": focusTableFetcher,
  "gcp-billing-export": gcpBillingExportFetcher,
  opencost: opencostFetcher,
};

/** What brings this source's bill, if an API does. */
export function fetcherOf<T extends SourceTypeName>(source: SourceConfigOf<T>): BillFetcher<T> | undefined {
  const fetcher = fetcherByType<T>(source.type);
  return fetcher?.applies(source) === true ? fetcher : undefined;
}

function fetcherByType<T extends SourceTypeName>(type: SourceConfig["type"]): BillFetcher<T> | undefined {
  return FETCHERS[type as T];
}
