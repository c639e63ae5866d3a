/** An Event Grid event of a storage account, in Event Grid's own schema. */
export function blobCreated(account: string, container: string, key: string) {
  const group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/genops";
  return {
    id: "831e1650-001e-001b-66ab-eeb76e069631",
    topic: `${group}/providers/Microsoft.Storage/storageAccounts/${account}`,
    subject: `/blobServices/default/containers/${container}/blobs/${key}`,
    eventType: "Microsoft.Storage.BlobCreated",
    eventTime: "2026-11-22T06:00:00.000Z",
    data: {
      api: "PutBlockList",
      clientRequestId: "6d79dbfb-0e37-4fc4-981f-442c9ca65760",
      requestId: "831e1650-001e-001b-66ab-eeb76e000000",
      eTag: "0x8D4BCC2E4835CD0",
      contentType: "application/json",
      contentLength: 524_288,
      blobType: "BlockBlob",
      url: `https://${account}.blob.core.windows.net/${container}/${encodeURI(key)}`,
      sequencer: "00000000000004420000000000028963",
      storageDiagnostics: { batchId: "b68529f3-68cd-4744-baa4-3c0498ec19f0" },
    },
    dataVersion: "",
    metadataVersion: "1",
  };
}
