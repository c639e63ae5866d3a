import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Finding } from "../../shared/core/finding.ts";
import type { DeliveryReceipt, DeliveryResult, Notifier } from "../../shared/ports/notifier.ts";
import { finding, resolved } from "../unit/interfaces/notifications/support.ts";

/** A notifier with the real server that it talks to. */
export interface NotifierBench {
  notifier: Notifier;
  /** What the server does with the next message. */
  fault(kind: "busy" | "down" | "refused"): void;
  /**
   * Everything that arrived, as the reader's program sees it: decoded, the text that is shown and the text that is
   * interpreted.
   */
  arrived(): ArrivedMessage[];
  close(): Promise<void>;
}

export interface ArrivedMessage {
  /** The whole message. */
  raw: string;
  /** What a reader's program could take as mark-up, mention or header. */
  interpreted: string;
}

const HOSTILE = "<!channel> <@U1> </td><script>alert(1)</script>\r\nBcc: victim@example.com\u202e\u001b[31m";

/** What every notifier promises, whatever it talks to. */
export function notifierContract(name: string, make: () => Promise<NotifierBench>): void {
  describe(`${name} as a notifier`, () => {
    let bench: NotifierBench;
    beforeEach(async () => {
      bench = await make();
    });
    afterEach(async () => await bench.close());

    const deliver = async (one: Finding, previous?: DeliveryReceipt): Promise<DeliveryResult> =>
      await bench.notifier.deliver({ id: `msg_${one.revision}`, finding: one, previous });

    it("delivers an open finding and gives a receipt of texts", async () => {
      const result = await deliver(finding());
      expect(result).toMatchObject({ outcome: "delivered", receipt: { state: "open", level: "warning" } });
      expect(bench.arrived()).toHaveLength(1);
      expect(bench.arrived()[0]?.raw).toContain("83 % of its limit");
    });

    it("tells of a later revision with the receipt of the first, and gives one again", async () => {
      const first = await deliver(finding());
      const receipt = first.outcome === "delivered" ? first.receipt : {};
      const second = await deliver(resolved(), receipt);
      expect(second).toMatchObject({ outcome: "delivered", receipt: { ...receipt, state: "resolved" } });
      expect(bench.arrived().length).toBeGreaterThan(1);
    });

    it.each(["busy", "down"] as const)(
      "answers later when the receiver is %s, and delivers the same then",
      async (kind) => {
        bench.fault(kind);
        const result = await deliver(finding());
        expect(result).toMatchObject({ outcome: "later", reason: expect.stringMatching(/./) });
        expect(result.outcome === "later" && result.afterMs >= 0).toBe(true);
        expect(await deliver(finding())).toMatchObject({ outcome: "delivered" });
      },
    );

    it("answers rejected when the receiver refuses for good", async () => {
      bench.fault("refused");
      expect(await deliver(finding())).toMatchObject({ outcome: "rejected", reason: expect.stringMatching(/./) });
    });

    it("keeps untrusted text inert", async () => {
      const { evidence } = finding();
      const result = await deliver(
        finding({
          title: HOSTILE,
          subject: HOSTILE,
          currency: HOSTILE,
          scope: { [HOSTILE]: [HOSTILE] },
          recipients: [HOSTILE],
          wantedActions: [{ action: "block", targets: [{ team: [HOSTILE] }] }],
          evidence: {
            ...evidence,
            waitsFor: HOSTILE,
            facts: { [HOSTILE]: HOSTILE },
            contributors: [{ keys: { [HOSTILE]: HOSTILE }, amount: finding().amount }],
          },
        }),
      );
      expect(result).toMatchObject({ outcome: "delivered" });
      for (const { interpreted } of bench.arrived())
        expect(interpreted).not.toMatch(/<!|<@|<script|^bcc:|\u202e|(?![\r\n\t])\p{Cc}/imu);
    });
  });
}
