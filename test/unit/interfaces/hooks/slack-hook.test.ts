import { describe, expect, it } from "vitest";
import { GenOpsError } from "../../../../shared/core/errors.ts";
import type { CloudEvent } from "../../../../shared/core/events.ts";
import { createHookKeys, createHooks } from "../../../../shared/interfaces/hooks/hooks.ts";
import { exemptValue, SLACK_ACTIONS } from "../../../../shared/interfaces/hooks/slack-payload.ts";
import { slackSignature } from "../../../../shared/interfaces/hooks/verify-slack.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { createMemoryLake } from "../../../support/memory-lake.ts";
import { type Click, clickBody, SLACK_SECRET, slackHeaders } from "../../../support/slack-clicks.ts";
import { NO_ALERTS, NOW, requestOf } from "./support.ts";

const HASH = "a".repeat(64);
const APPROVE: Click = { action: SLACK_ACTIONS.approve, value: HASH };

function house(
  secret: string | undefined = SLACK_SECRET,
  publish: () => Promise<void> = async () => {},
  teams?: readonly string[],
) {
  const published: CloudEvent[] = [];
  const warnings: string[] = [];
  const clock = createFakeClock(NOW);
  const hooks = createHooks(
    {
      config: NO_ALERTS,
      slackSigningSecret: secret,
      slackTeams: teams,
      store: createMemoryLake(() => clock.now()),
      clock,
      fetch: () => Promise.reject(new Error("not asked")),
      log: { info: () => {}, warn: (message) => warnings.push(message) },
      publish: async (event) => {
        await publish();
        published.push(event);
      },
    },
    createHookKeys(),
  );
  const click = (given: Partial<Click> = {}, headers: Record<string, string> = {}) => {
    const body = clickBody({ ...APPROVE, ...given });
    return hooks.slack(requestOf(body, { ...slackHeaders(body, clock.now()), ...headers }));
  };
  return { hook: hooks.slack, click, published, warnings, clock };
}

describe("Slack's signature", () => {
  it("is what the reference measured", () => {
    expect(slackSignature("genops-test-secret", "1795305600", "payload=%7B%7D")).toBe(
      "v0=9c843d17e4f0530c63f1603e276c04906bfb3c379051542cd6c9abf1f2ef5521",
    );
  });

  it("lets a click in, which is handed on with who clicked and when", async () => {
    const { click, published } = house();
    const answer = await click({ responseUrl: "https://hooks.slack.com/actions/T1/1/x" });
    expect(answer.status).toBe("accepted");
    expect(published).toMatchObject([
      {
        type: "genops.action.approved",
        subject: HASH,
        data: {
          planHash: HASH,
          decision: "approve",
          slackUser: "UALICE",
          at: NOW,
          responseUrl: "https://hooks.slack.com/actions/T1/1/x",
        },
      },
    ]);
  });

  it("is over every byte of the body, the time and the secret", async () => {
    const { hook, click, published, warnings, clock } = house();
    const body = clickBody(APPROVE);
    const headers = slackHeaders(body, clock.now());
    const answers = [
      await hook(requestOf(body.replace("UALICE", "UMALLE"), headers)),
      await hook(requestOf(`${body}&x=1`, headers)),
      await hook(requestOf(body, { ...headers, "x-slack-request-timestamp": String(Date.parse(NOW) / 1000 + 1) })),
      await hook(requestOf(body, slackHeaders(body, clock.now(), "another-secret"))),
      await click({}, { "x-slack-signature": "" }),
      await click({}, { "x-slack-signature": "v0=" }),
      await click({}, { "x-slack-signature": (headers["x-slack-signature"] ?? "").replace("v0=", "v1=") }),
      await click({}, { "x-slack-request-timestamp": "soon" }),
      await hook(requestOf(body)),
    ];
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(["refused"]));
    expect(published).toEqual([]);
    expect(warnings).toHaveLength(answers.length);
  });

  it.each([
    [-300, "accepted"],
    [-301, "refused"],
    [300, "accepted"],
    [301, "refused"],
  ])("%i seconds off is %s", async (seconds, status) => {
    const { hook, clock } = house();
    const body = clickBody(APPROVE);
    const at = new Date(clock.now().getTime() + seconds * 1000);
    expect((await hook(requestOf(body, slackHeaders(body, at)))).status).toBe(status);
  });
});

describe("the hook for Slack", () => {
  it("takes each click once, also when copies come at the same time", async () => {
    const { hook, published, clock } = house();
    const body = clickBody(APPROVE);
    const request = requestOf(body, slackHeaders(body, clock.now()));
    const answers = await Promise.all([hook(request), hook(request), hook(request)]);
    expect(answers.map(({ status }) => status).sort()).toEqual(["accepted", "repeated", "repeated"]);
    clock.advance(60_000);
    expect((await hook(request)).status).toBe("repeated");
    expect(published).toHaveLength(1);
  });

  it("takes a click again that could not be handed on", async () => {
    let broken = true;
    const { hook, published, clock } = house(SLACK_SECRET, () =>
      broken ? Promise.reject(new GenOpsError("unavailable", "the queue is down")) : Promise.resolve(),
    );
    const body = clickBody(APPROVE);
    const request = requestOf(body, slackHeaders(body, clock.now()));
    await expect(hook(request)).rejects.toThrow(/could not be handed on: the queue is down/);
    broken = false;
    expect((await hook(request)).status).toBe("accepted");
    expect(published).toHaveLength(1);
  });

  it.each([
    // Another workspace has other people under the same ids.
    [["T1"], { team: "T2" }, "refused"],
    [["T1"], { team: "T1", home: "T2" }, "refused"],
    [["T1"], { team: "T2", home: "T1" }, "accepted"],
    [["T1"], { team: null }, "refused"],
    [["T1", "T2"], { team: "T2", home: "T2" }, "accepted"],
    // A guest from another organisation in a shared channel.
    [undefined, { team: "T1", home: "T2" }, "refused"],
    [undefined, { team: "T1", home: "T1" }, "accepted"],
    [undefined, { team: null, home: "T1" }, "accepted"],
  ] as const)("where %j may decide, a click of %j is %s", async (teams, given, status) => {
    const { click, published, warnings } = house(SLACK_SECRET, undefined, teams);
    expect((await click(given)).status).toBe(status);
    expect(published).toHaveLength(status === "accepted" ? 1 : 0);
    if (status === "refused") expect(warnings.join()).toContain("notifications.slack.team");
  });

  it.each([
    ["reject", SLACK_ACTIONS.reject],
    ["snooze", SLACK_ACTIONS.snooze],
  ])("knows %s", async (decision, action) => {
    const { click, published } = house();
    await click({ action });
    expect(published).toMatchObject([{ data: { decision, planHash: HASH } }]);
  });

  it("reads what a menu chose to exempt", async () => {
    const { click, published } = house();
    const exempt = { step: 12, what: "namespace" } as const;
    await click({ action: SLACK_ACTIONS.exempt, value: exemptValue(HASH, exempt), menu: true });
    expect(published).toMatchObject([{ data: { decision: "exempt", exempt } }]);
  });

  it.each([
    { action: "somebody.else" },
    { action: SLACK_ACTIONS.approve, value: "../../plans" },
    { action: SLACK_ACTIONS.approve, value: "" },
    { action: SLACK_ACTIONS.exempt, value: `${HASH}:w-1`, menu: true },
    { action: SLACK_ACTIONS.exempt, value: HASH },
  ])("does nothing for %j, which Slack signed and we did not ask for", async (given) => {
    const { click, published } = house();
    expect((await click(given)).status).toBe("accepted");
    expect(published).toEqual([]);
  });

  it.each(["", "payload=", "payload=%7B%7D", "payload=%5B%5D", "x=1", "payload=not+json"])(
    "calls %j malformed, although it is signed",
    async (body) => {
      const { hook, clock, published } = house();
      expect((await hook(requestOf(body, slackHeaders(body, clock.now())))).status).toBe("malformed");
      expect(published).toEqual([]);
    },
  );

  it("says what to set up, and believes nobody until then", async () => {
    const { hook, clock } = house("");
    const unset = createHooks(
      {
        config: NO_ALERTS,
        store: createMemoryLake(() => clock.now()),
        clock,
        fetch: () => Promise.reject(new Error("not asked")),
        log: { info: () => {}, warn: () => {} },
        publish: () => Promise.reject(new Error("not asked")),
      },
      createHookKeys(),
    );
    const body = clickBody(APPROVE);
    const answer = await unset.slack(requestOf(body, slackHeaders(body, clock.now())));
    expect(answer).toMatchObject({ status: "unconfigured", detail: expect.stringContaining("signingSecret") });
    expect((await hook(requestOf(body, slackHeaders(body, clock.now())))).status).toBe("refused");
  });
});
