import { sign } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { snsUrl } from "../../../../shared/interfaces/hooks/sns-envelope.ts";
import { createInternet, type Internet } from "../../../support/internet.ts";
import { createSigner } from "../../../support/self-signed.ts";
import { CERTIFICATE_URL, hookHouse, NOW, requestOf, SUBSCRIBE_URL, snsBody, TOPIC } from "./support.ts";

const signer = createSigner();
const stranger = createSigner();
const expired = createSigner({ from: new Date("2020-01-01"), to: new Date("2021-01-01") });
const HOST = "https://sns.us-east-1.amazonaws.com";
const PAGES: Readonly<Record<string, { status?: number; body: string; location?: string }>> = {
  [CERTIFICATE_URL]: { body: signer.certificate },
  [`${HOST}/expired.pem`]: { body: expired.certificate },
  [`${HOST}/garbage.pem`]: { body: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" },
  [`${HOST}/moved.pem`]: { status: 302, body: "", location: CERTIFICATE_URL },
  [`${HOST}/down.pem`]: { status: 503, body: "" },
  [SUBSCRIBE_URL]: { body: "<ConfirmSubscriptionResponse/>" },
};

let internet: Internet;
beforeAll(async () => {
  internet = await createInternet((url) => PAGES[url.href]);
});
afterAll(() => internet.close());

function house(topics: readonly string[] = [TOPIC], publish?: () => Promise<void>) {
  const made = hookHouse({ sns: { topics, maxAgeMinutes: 60 } }, internet.fetch, publish);
  return {
    ...made,
    post: (body: string) => made.hooks.sns(requestOf(body, { "content-type": "text/plain; charset=UTF-8" })),
  };
}

describe("the SNS hook", () => {
  it.each(["1", "2"])("hands a message on whose signature of version %s is right", async (SignatureVersion) => {
    const { post, published } = house();
    const answer = await post(snsBody(signer, { SignatureVersion, Subject: "AWS Budgets: ml" }));
    expect(answer.status).toBe("accepted");
    expect(published).toMatchObject([
      {
        specversion: "1.0",
        id: "aws-sns/m-1",
        type: "genops.alert.received",
        time: NOW,
        data: {
          from: "aws-sns",
          deliveryId: "m-1",
          sentAt: NOW,
          attributes: { topic: TOPIC, subject: "AWS Budgets: ml", type: "Notification" },
          message: "hello",
        },
      },
    ]);
  });

  it("signs no empty subject", async () => {
    const { post } = house();
    expect((await post(snsBody(signer, { Subject: "" }))).status).toBe("accepted");
    expect((await post(snsBody(signer, { Subject: null, MessageId: "m-2" }))).status).toBe("accepted");
  });

  it("verifies the text that the vendor documents, key and value by line", async () => {
    const text = `Message\nhi\nMessageId\nm-9\nSubject\ns\nTimestamp\n${NOW}\nTopicArn\n${TOPIC}\nType\nNotification\n`;
    const Signature = sign("RSA-SHA256", Buffer.from(text), signer.privateKey).toString("base64");
    const { post } = house();
    const body = { MessageId: "m-9", Message: "hi", Subject: "s" };
    expect((await post(snsBody(stranger, body, { Signature }))).status).toBe("accepted");
  });

  it("says what to set up while no topic is listed", async () => {
    const answer = await house([]).post(snsBody(signer));
    expect(answer.status).toBe("unconfigured");
    expect(answer.detail).toContain("alerts.sns.topics");
  });

  it.each([
    ["a topic that is not listed", { TopicArn: "arn:aws:sns:us-east-1:999999999999:budgets" }, {}],
    ["a changed message", {}, { Message: "hello!" }],
    ["a changed time", {}, { Timestamp: "2026-11-22T06:00:01.000Z" }],
    ["another type", {}, { Type: "UnsubscribeConfirmation", Token: "t" }],
    ["an unknown version", { SignatureVersion: "3" }, {}],
    ["the signature of the other version", { SignatureVersion: "2" }, { SignatureVersion: "1" }],
    ["a signature that is none", {}, { Signature: "AAAA" }],
    ["no signature", {}, { Signature: "" }],
    ["a stale message", { Timestamp: "2026-11-22T04:59:59.000Z" }, {}],
    ["a message from the future", { Timestamp: "2026-11-22T06:05:01.000Z" }, {}],
    ["a time that is none", { Timestamp: "now" }, {}],
    ["an expired certificate", { SigningCertURL: `${HOST}/expired.pem` }, {}],
    ["a certificate that is none", { SigningCertURL: `${HOST}/garbage.pem` }, {}],
    ["a certificate of another ending", { SigningCertURL: `${HOST}/cert.txt` }, {}],
  ])("refuses %s and says so in the log", async (_what, fields, after) => {
    const { post, published, warnings, store } = house();
    expect((await post(snsBody(signer, fields, after))).status).toBe("refused");
    expect([published, store.objects.size]).toEqual([[], 0]);
    expect(warnings).toHaveLength(1);
  });

  it("refuses a stranger's signature", async () => {
    expect((await house().post(snsBody(stranger))).status).toBe("refused");
  });

  it.each([
    "http://sns.us-east-1.amazonaws.com/a.pem",
    "https://sns.us-east-1.amazonaws.com.evil.example/a.pem",
    "https://sns.us-east-1.amazonaws.com@evil.example/a.pem",
    "https://user:password@sns.us-east-1.amazonaws.com/a.pem",
    "https://sns.us-east-1.amazonaws.com:8443/a.pem",
    "https://evil.example/sns.us-east-1.amazonaws.com/a.pem",
    "https://sns.s3-us-west-2.amazonaws.com/a.pem",
    "https://sns.s3.amazonaws.com/a.pem",
    "https://evilsns.us-east-1.amazonaws.com/a.pem",
    "https://sns.us-east-1.amazonaws.com.cn.evil.example/a.pem",
    "https://sns.us-east-1.amazonaws.com\\@evil.example/a.pem",
    "https://sns.us-east-1.amazonaws.com./a.pem",
    // What SNS's API answers to anybody's signed call may hold anybody's text.
    "https://sns.us-east-1.amazonaws.com/a.pem?Action=GetTopicAttributes",
    "https://127.0.0.1/a.pem",
    "file:///etc/a.pem",
    "a.pem",
    "",
  ])("fetches nothing from %s", async (SigningCertURL) => {
    const before = internet.asked.length;
    expect((await house().post(snsBody(signer, { SigningCertURL }))).status).toBe("refused");
    expect(internet.asked.length).toBe(before);
  });

  it.each(["us-gov-west-1", "eu-central-2", "us-iso-east-1"])("knows the region %s", (region) => {
    expect(snsUrl(`https://sns.${region}.amazonaws.com/x.pem`)).toBeDefined();
    expect(snsUrl(`https://SNS.${region}.amazonaws.com:443/x.pem`)).toBeDefined();
  });

  it("knows China", () => {
    expect(snsUrl("https://sns.cn-north-1.amazonaws.com.cn/x.pem")).toBeDefined();
  });

  it("fetches a certificate once", async () => {
    const { post } = house();
    const before = internet.asked.length;
    await post(snsBody(signer));
    await post(snsBody(signer, { MessageId: "m-2" }));
    expect(internet.asked.length).toBe(before + 1);
  });

  it.each(["down.pem", "moved.pem"])("asks to be called again when %s does not answer", async (name) => {
    const { post } = house();
    await expect(post(snsBody(signer, { SigningCertURL: `${HOST}/${name}` }))).rejects.toMatchObject({
      code: "unavailable",
    });
  });

  it("does nothing about a replay and answers that it is known", async () => {
    const { post, published } = house();
    const body = snsBody(signer);
    expect([(await post(body)).status, (await post(body)).status]).toEqual(["accepted", "repeated"]);
    expect(published).toHaveLength(1);
  });

  it("takes a message again that got lost on the way", async () => {
    let lost = true;
    const { post, published } = house([TOPIC], async () => {
      if (lost) throw new Error("the queue is gone");
    });
    await expect(post(snsBody(signer))).rejects.toMatchObject({ code: "unavailable" });
    lost = false;
    expect((await post(snsBody(signer))).status).toBe("accepted");
    expect(published).toHaveLength(1);
  });

  it("forgets messages that would be refused for their age", async () => {
    const { post, clock, store } = house();
    await post(snsBody(signer));
    clock.advance(3 * 86_400_000);
    await post(snsBody(signer, { MessageId: "m-2", Timestamp: clock.now().toISOString() }));
    expect([...store.objects.keys()]).toEqual([
      expect.stringMatching(/^alerts\/seen\/2026-11-25\/[0-9a-f]{32}\.json$/) as string,
    ]);
  });

  it.each(["", "hello", "[]", "null", '{"Type":"Notification"}', '{"AlarmName":"raw delivery"}', "[".repeat(100_000)])(
    "says of what is no SNS message that it is none (%#)",
    async (body) => {
      expect((await house().post(body)).status).toBe("malformed");
    },
  );

  it("cuts what no queue could take, and hands it on", async () => {
    const { post, published, warnings } = house();
    expect((await post(snsBody(signer, { Message: "é\u0001".repeat(100_000) }))).status).toBe("accepted");
    expect(JSON.stringify(published[0]).length).toBeLessThan(40_000);
    expect(published[0]?.data).toMatchObject({
      message: expect.stringContaining("(cut, 200000 characters)") as string,
    });
    expect(warnings).toHaveLength(1);
  });
});

describe("an SNS subscription", () => {
  const confirmation = { Type: "SubscriptionConfirmation", Token: "t", SubscribeURL: SUBSCRIBE_URL } as const;

  it("is confirmed by visiting its address, once", async () => {
    const { post, published } = house();
    const before = internet.asked.length;
    const body = snsBody(signer, confirmation);
    expect([(await post(body)).status, (await post(body)).status]).toEqual(["confirmed", "repeated"]);
    expect(internet.asked.slice(before)).toEqual([CERTIFICATE_URL, SUBSCRIBE_URL]);
    expect(published).toEqual([]);
  });

  it.each([
    "https://sns.us-east-1.amazonaws.com.evil.example/?Action=ConfirmSubscription",
    "http://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription",
    "https://sns.us-east-1.amazonaws.com/?Action=DeleteTopic",
    "",
  ])("does not visit %s, even signed", async (SubscribeURL) => {
    const { post } = house();
    const body = snsBody(signer, { ...confirmation, SubscribeURL });
    await post(snsBody(signer, { MessageId: "m-0" }));
    const before = internet.asked.length;
    expect((await post(body)).status).toBe("refused");
    expect(internet.asked.length).toBe(before);
  });

  it("is tried again when SNS does not answer, without its token in any message", async () => {
    const { post } = house();
    const body = snsBody(signer, { ...confirmation, SubscribeURL: `${HOST}/?Action=ConfirmSubscription&Token=other` });
    const failure = await post(body).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "unavailable" });
    expect(String(failure)).not.toContain("Token");
  });

  it("that ends is handed on, to become a finding", async () => {
    const { post, published, warnings } = house();
    const body = snsBody(signer, {
      ...confirmation,
      Type: "UnsubscribeConfirmation",
      Message: "You have chosen to deactivate",
    });
    expect((await post(body)).status).toBe("accepted");
    expect(published[0]?.data).toMatchObject({ attributes: { type: "UnsubscribeConfirmation" } });
    expect(warnings).toHaveLength(1);
  });
});
