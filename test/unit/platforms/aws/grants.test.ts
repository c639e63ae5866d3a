import { describe, expect, it } from "vitest";
import { s3Grants, sqsGrant } from "../../../../shared/platforms/aws/grants.ts";

describe("statements for S3", () => {
  it.each([
    ["s3://b/lake", "arn:aws:s3:::b/lake/*"],
    ["s3://b/lake/", "arn:aws:s3:::b/lake/*"],
    ["s3://b", "arn:aws:s3:::b/*"],
    ["S3://b/bills/2024-*/part?.parquet", "arn:aws:s3:::b/bills/2024-*"],
    ["s3://b/bills/focus.csv.gz", "arn:aws:s3:::b/bills/focus.csv.gz"],
  ])("name what %s leads to", (location, objects) => {
    const { list, read } = s3Grants(location);
    expect(JSON.parse(read.how)).toEqual({ Effect: "Allow", Action: "s3:GetObject", Resource: objects });
    expect(JSON.parse(list.how)).toEqual({ Effect: "Allow", Action: "s3:ListBucket", Resource: "arn:aws:s3:::b" });
  });
});

describe("the statement for a queue", () => {
  it.each([
    ["https://sqs.eu-central-1.amazonaws.com/123456789012/collect", "arn:aws:sqs:eu-central-1:123456789012:collect"],
    ["http://127.0.0.1:5000/123/collect", "<ARN of the queue>"],
  ])("names %s", (url, arn) => {
    expect(JSON.parse(sqsGrant(url).how)).toMatchObject({ Action: "sqs:SendMessage", Resource: arn });
  });
});
