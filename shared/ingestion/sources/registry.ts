import { awsDataExportSource } from "./aws-data-export/index.ts";
import { azureCostExportSource } from "./azure-cost-export/index.ts";
import type { FileSource, FileSourceType } from "./bill.ts";
import { customSource } from "./custom/index.ts";
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
