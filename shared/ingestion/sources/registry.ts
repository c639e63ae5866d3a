import type { SourceConfig, SourceConfigOf, SourceTypeName } from "../../config/types.ts";
import { awsDataExportSource } from "./aws-data-export/index.ts";
import { azureCostExportSource } from "./azure-cost-export/index.ts";
import type { FileSource, FileSourceType } from "./bill.ts";
import { customSource } from "./custom/index.ts";
import type { BillFetcher } from "./fetcher.ts";
import { focusExportSource } from "./focus-export/index.ts";
import { gcpBillingExportSource } from "./gcp-billing-export/index.ts";

/** Every source that reads files, by its `type` in genops.yaml. A test holds it equal to the folder list. */
export const FILE_SOURCES: { readonly [T in FileSourceType]: FileSource<T> } = {
  "aws-data-export": awsDataExportSource,
  "azure-cost-export": azureCostExportSource,
  "gcp-billing-export": gcpBillingExportSource,
  "focus-export": focusExportSource,
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
const FETCHERS: { readonly [T in SourceTypeName]?: BillFetcher<T> } = {};

/** What brings this source's bill, if an API does. */
export function fetcherOf<T extends SourceTypeName>(source: SourceConfigOf<T>): BillFetcher<T> | undefined {
  const fetcher = fetcherByType<T>(source.type);
  return fetcher?.applies(source) === true ? fetcher : undefined;
}

function fetcherByType<T extends SourceTypeName>(type: SourceConfig["type"]): BillFetcher<T> | undefined {
  return FETCHERS[type as T];
}
