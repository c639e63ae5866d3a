import { describe, expect, it } from "vitest";
import { findingKey } from "../../../../shared/governance/findings/finding-key.ts";
import { observeAlert } from "../../../../shared/governance/inbound-alerts/observe-alert.ts";
import { azureAlert, googleAlert, SENT_AT, snsAlert, TOPIC } from "./alerts.ts";

describe("a message that is not understood", () => {
  it("becomes a finding with its text, its sender and the reason", () => {
    const { observations, remarks } = observeAlert(
      snsAlert("Something\nnew", { attributes: { topic: TOPIC, subject: "From somebody" } }),
      SENT_AT,
    );
    expect(observations).toMatchObject([
      {
        kind: "cloud-alert",
        rule: "unrecognised",
        level: "warning",
        scope: { provider: ["aws"] },
        period: { start: "2026-11-22", end: "2026-11-23" },
        title: "SNS message not understood: From somebody",
        evidence: { facts: { message: "Something\nnew", topic: TOPIC } },
      },
    ]);
    expect(remarks).toHaveLength(1);
  });

  it("is cut where it is endless, and titled where it is empty", () => {
    const [long] = observeAlert(snsAlert("x".repeat(300_000)), SENT_AT).observations;
    expect(long?.evidence.facts["message"]).toHaveLength(4_000);
    expect(long?.title.length).toBeLessThan(200);
    const [empty] = observeAlert(snsAlert(""), SENT_AT).observations;
    expect(empty?.title).toBe("SNS message not understood: an empty message");
  });

  it("is another finding for other words, another topic and another day", () => {
    const key = (message: unknown, topic = TOPIC, sentAt = SENT_AT) =>
      observeAlert(snsAlert(message, { attributes: { topic }, sentAt }), SENT_AT)
        .observations.map(findingKey)
        .join();
    const keys = [
      key("a"),
      key("b"),
      key("account 1"),
      key("account 2"),
      key("a", "t"),
      key("a", TOPIC, "2026-11-23T00:00:00Z"),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("is one finding a day when only the numbers of its JSON differ", () => {
    const key = (text: string) => observeAlert(googleAlert(text), SENT_AT).observations.map(findingKey).join();
    expect(key('{"report":"v2","cost":{"a":1.5}}')).toBe(key('{"cost":{"a":2},"report":"v2"}'));
    expect(key('{"report":"v2","cost":1}')).not.toBe(key('{"report":"v3","cost":1}'));
    expect(key('{"report":"v2","cost":1}')).not.toBe(key('{"report":"v2","cost":null}'));
  });

  it("is shown whatever a platform has parsed it into", () => {
    const parsed = observeAlert(azureAlert({ schemaId: "new", n: 1.5 }), SENT_AT).observations;
    expect(parsed[0]?.evidence.facts["message"]).toBe('{"schemaId":"new","n":1.5}');
    expect(observeAlert(snsAlert(undefined), SENT_AT).observations[0]?.rule).toBe("unrecognised");
    const deep: unknown = Array.from({ length: 100_000 }).reduce((inner) => [inner], 1);
    expect(observeAlert(azureAlert(deep), SENT_AT).observations[0]?.evidence.facts["message"]).toBe(
      "(nested too deeply to be shown)",
    );
  });

  it.each([
    "[".repeat(200_000),
    `${'{"a":'.repeat(100_000)}1`,
    '{"__proto__":{"schemaId":"x"},"constructor":1}',
    "null",
    "7",
    '"x"',
    "\u0000\ud800",
  ])("survives hostile text (%#)", (text) => {
    for (const alert of [snsAlert(text), azureAlert(text), googleAlert(text)]) {
      expect(observeAlert(alert, SENT_AT).observations.map(({ rule }) => rule)).toEqual(["unrecognised"]);
    }
  });

  it("takes the time of arrival where the sender's is missing or none", () => {
    const day = (sentAt: string | undefined) => {
      const { sentAt: _, ...alert } = snsAlert("a");
      return observeAlert(sentAt === undefined ? alert : { ...alert, sentAt }, SENT_AT).observations[0]?.period.start;
    };
    expect([day(undefined), day("yesterday"), day("+275760-09-13T00:00:00Z")]).toEqual(Array(3).fill("2026-11-22"));
    const { sentAt: _, ...timeless } = snsAlert("a");
    expect(observeAlert(timeless, "never").observations[0]?.period.start).toBe("1970-01-01");
  });
});

describe("the last message of a topic", () => {
  it("becomes a finding, since the silence would not be noticed", () => {
    const [seen] = observeAlert(
      snsAlert("You have chosen to deactivate", { attributes: { topic: TOPIC, type: "UnsubscribeConfirmation" } }),
      SENT_AT,
    ).observations;
    expect(seen).toMatchObject({
      rule: "unsubscribed",
      title: `SNS topic ${TOPIC} was told to send no more alerts to GenOps`,
    });
  });
});
