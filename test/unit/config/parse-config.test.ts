import { describe, expect, it } from "vitest";
import { formatDecimal, parseDecimal } from "../../../shared/core/decimal.ts";
import { errorOf, parse } from "./parse.ts";

describe("parseConfig", () => {
  it("gives an empty file every default", () => {
    expect(parse("")).toEqual({
      lake: "file:./lake",
      lakes: {},
      engine: "duckdb",
      currency: { report: "USD" },
      sources: [],
      allocation: {
        labels: {
          team: { keys: ["genops.ai/team", "team"], aliases: {} },
          project: { keys: ["genops.ai/project", "project"], aliases: {} },
          environment: { keys: ["genops.ai/environment", "environment", "env"], aliases: {} },
          cost_center: { keys: ["genops.ai/cost-center", "cost_center", "costcenter"], aliases: {} },
        },
        accounts: {},
        namespaces: {},
        shared: [],
      },
      budgets: [],
      anomalies: {
        falseAlertsPer90Days: 1,
        overYesterday: { ratio: parseDecimal("1.5"), forMinutes: 30, floor: parseDecimal("10") },
        absoluteJump: { amount: parseDecimal("100") },
        firstUse: { floor: parseDecimal("10"), historyDays: 30 },
        spendAtZero: { floor: parseDecimal("10") },
        unitCost: { ratio: parseDecimal("1.2"), days: 3, floor: parseDecimal("10") },
        floor: parseDecimal("10"),
        by: ["provider", "account", "service"],
        rulesBy: ["provider", "service"],
      },
      settledAfterDays: { aws: 2, azure: 3, gcp: 3, default: 3 },
      settledAsNamed: [],
      clusters: [],
      enforcement: {
        mode: "dry-run",
        layers: {},
        environments: {},
        rungs: {},
        approvers: [],
        approvalExpiresMinutes: 60,
        caps: {
          objectsPerRun: 20,
          namespaceShare: parseDecimal("0.25"),
          prodFloor: 1,
          floor: 1,
          failedShare: parseDecimal("0.30"),
          restoresPerRun: 50,
        },
        enterAfter: 2,
        leaveBelow: parseDecimal("5"),
        minimumHoldMinutes: 60,
        cooldownMinutes: 60,
        maxDataAgeHours: 72,
        protectedNamespaces: [],
        windows: [],
        gitOps: "notify",
        billing: { awsBudgetActions: [], gcpDetachBilling: [], allowDetachBilling: false, nodePools: [] },
      },
      notifications: { webhooks: [], minimumLevel: "info" },
      alerts: {
        sns: { topics: [], maxAgeMinutes: 60 },
        azureMonitor: { authority: "https://login.microsoftonline.com" },
        pubsub: { subscriptions: [] },
      },
      credentials: {},
      allowStaticCredentials: false,
      ledger: {
        retainVersionsDays: 400,
        shrinkRows: parseDecimal("0.20"),
        shrinkCost: parseDecimal("0.10"),
        maxInputBytes: 214_748_364_800,
        fanOutBytes: 268_435_456,
      },
      reconcile: { bound: parseDecimal("1"), against: [] },
      extensions: {},
      baseDir: "/srv",
    });
  });

  it("reads every part beside its defaults", () => {
    const config = parse(`
lake: s3://finops/lake
currency: { report: EUR, rates: rates.csv }
anomalies: { falseAlertsPer90Days: 0.25, overYesterday: { ratio: 2 }, absoluteJump: { amount: 50 }, by: [provider, team], floor: 2.5 }
settledAfterDays: { aws: 1, oracle: 5 }
enforcement: { mode: approve }
ledger: { retainVersionsDays: 30, shrinkRows: 0.5, maxInputBytes: 1 GiB, fanOutBytes: 50 MiB }
`);
    expect(config.lake).toBe("s3://finops/lake");
    expect(config.currency).toEqual({ report: "EUR", rates: "rates.csv" });
    expect(config.anomalies.falseAlertsPer90Days).toBe(0.25);
    expect(config.anomalies.overYesterday).toEqual({
      ratio: parseDecimal("2"),
      forMinutes: 30,
      floor: parseDecimal("10"),
    });
    expect(config.anomalies).toMatchObject({
      by: ["provider", "team"],
      rulesBy: ["provider", "team"],
      floor: parseDecimal("2.5"),
    });
    expect(config.settledAfterDays).toEqual({ aws: 1, azure: 3, gcp: 3, default: 3, oracle: 5 });
    expect(config.settledAsNamed).toEqual(["aws", "oracle"]);
    expect(config.enforcement.mode).toBe("approve");
    expect(config.ledger).toMatchObject({
      retainVersionsDays: 30,
      shrinkRows: parseDecimal("0.5"),
      maxInputBytes: 2 ** 30,
      fanOutBytes: 50 * 2 ** 20,
    });
  });

  it("takes amounts digit by digit from the text, never through a float", () => {
    const config = parse("anomalies: { absoluteJump: { amount: 12345678901234567.123456789012345678 } }");
    expect(formatDecimal(config.anomalies.absoluteJump.amount)).toBe("12345678901234567.123456789012345678");
  });

  it("keeps the zeros of ids that look like numbers", () => {
    const config = parse("allocation: { accounts: { 012345678901: { team: 007 } } }");
    expect(config.allocation.accounts).toEqual({ "012345678901": { team: "007" } });
  });

  it("treats a part with everything below it commented out as absent", () => {
    expect(parse("sources:\n  # - { id: aws, type: otlp }\nbudgets: ~\n").sources).toEqual([]);
  });

  it("reads aliases of YAML", () => {
    const config = parse(
      "sources: [{ id: a, type: otlp, periods: &months [2024-09] }, { id: b, type: otlp, periods: *months }]",
    );
    expect(config.sources.map(({ periods }) => periods)).toEqual([["2024-09"], ["2024-09"]]);
  });

  it("reads a file with BOM and Windows line ends", () => {
    expect(parse("\uFEFFlake: file:./a\r\nenforcement:\r\n  mode: auto\r\n").enforcement.mode).toBe("auto");
  });
});

describe("an error of the configuration", () => {
  it("names file, line, field and what was expected", () => {
    const error = errorOf("lake: file:./lake\nledger:\n  shrinkRows: 20%\n");
    expect(error.code).toBe("config");
    expect(error.place).toEqual({ file: "genops.yaml", line: 3, field: "ledger.shrinkRows" });
    expect(error.message).toBe(
      'expected a share between 0 and 1 such as 0.20, found "20%" (file genops.yaml, line 3, field ledger.shrinkRows)',
    );
  });

  it("reports every problem, one per line, the first one in its place", () => {
    const error = errorOf("lake: lake\nledger: { shrinkRows: 2 }\nenforcement: { mode: on }\n");
    expect(error.place).toEqual({ file: "genops.yaml", line: 1, field: "lake" });
    expect(error.message.split("\n")).toEqual([
      expect.stringContaining("(file genops.yaml, line 1, field lake)"),
      expect.stringContaining("(file genops.yaml, line 2, field ledger.shrinkRows)"),
      'expected one of dry-run, approve, auto, found "on" (file genops.yaml, line 3, field enforcement.mode)',
      "3 problems, the first one (file genops.yaml, line 1, field lake)",
    ]);
  });

  it.each([
    ["ledgr: {}", 'unknown key "ledgr"; did you mean "ledger"? (file genops.yaml, line 1, field ledgr)'],
    ["zzz: {}", 'unknown key "zzz" (file genops.yaml, line 1, field zzz)'],
    [
      "\nledger:\n  shrink_rows: 0.1",
      'unknown key "shrink_rows"; did you mean "shrinkRows"? (file genops.yaml, line 3, field ledger.shrink_rows)',
    ],
    ["lake: file:a\nlake: file:b", 'key "lake" stands twice, first in line 1 (file genops.yaml, line 2, field lake)'],
    [
      "ledger:\n  shrinkRows: 0.1\n  shrinkRows: 0.2",
      'key "shrinkRows" stands twice, first in line 2 (file genops.yaml, line 3, field ledger.shrinkRows)',
    ],
    ["sources: 5", 'expected a list of sources, found "5" (file genops.yaml, line 1, field sources)'],
    ["- 1", "expected a mapping with sources, budgets, … (file genops.yaml, line 1)"],
    [
      "engine: { clickhouse: { url: x } }",
      /^the engine clickhouse arrives with a later version of GenOps; expected duckdb/,
    ],
    ["engine: clickhouse", /^the engine clickhouse arrives with a later version/],
    ["engine: sqlite", 'expected duckdb, found "sqlite" (file genops.yaml, line 1, field engine)'],
    ["lake: [", /^not valid YAML: .* \(file genops.yaml, line 1\)$/],
    ["lake: !here x", "not valid YAML: Unresolved tag: !here (file genops.yaml, line 1)"],
    ["? [a]\n: 1", "expected a key of plain text (file genops.yaml, line 1)"],
    ["allocation: { accounts: { __proto__: { team: x } } }", /^unknown key "__proto__"/],
    ["currency: { report: Dollar }", /^expected an ISO 4217 currency code such as USD, found "Dollar"/],
    ["ledger: { maxInputBytes: 1 parsec }", /^expected a size such as 200 GiB, found "1 parsec"/],
    ["ledger: { retainVersionsDays: 1.5 }", /^expected a whole number from 1 to 36500, found "1.5"/],
    ["anomalies: { overYesterday: { ratio: 1 } }", /^expected a ratio above 1 such as 1.5, found "1"/],
    ["anomalies: { falseAlertsPer90Days: 3 }", /^expected one of 1, 0.25, 0.1, found "3"/],
    ["anomalies: { by: [Team] }", /^expected a dimension in snake_case/],
    ["settledAfterDays: { AWS: 2 }", /^expected a provider such as aws, or default as key/],
    ["currency: { rates: ~ }", 'expected text, found "~" (file genops.yaml, line 1, field currency.rates)'],
  ])("says what is wrong with %j", (text, message) => {
    const expected = message instanceof RegExp ? expect.stringMatching(message) : message;
    expect(errorOf(text).message).toEqual(expected);
  });

  it("refuses aliases that grow without end", () => {
    expect(errorOf("sources: &a [*a]").message).toContain("too deeply nested or too large");
    const levels = Array.from(
      { length: 12 },
      (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level},`.repeat(9)}]`,
    );
    expect(errorOf(`l0: &l0 [x]\n${levels.join("\n")}\nsources: *l12`).message).toContain(
      "too deeply nested or too large",
    );
  });
});

describe("references in the configuration", () => {
  const source = (key: string) => `sources:\n  - id: ai\n    type: openai-usage\n    key: ${key}\n`;

  it("are filled in from environment and secrets, also within a text", () => {
    const config = parse(`${source("a-${secret:KEY}-b")}    url: https://\${env:HOST}/v1\n`, {
      "secret:KEY": "k1",
      "env:HOST": "example.com",
    });
    expect(config.sources[0]).toEqual({ id: "ai", type: "openai-usage", key: "a-k1-b", url: "https://example.com/v1" });
  });

  it("are not read again in what was filled in", () => {
    const config = parse(source("${env:A}"), { "env:A": "${env:B}" });
    expect(config.sources[0]).toMatchObject({ key: "${env:B}" });
  });

  it("give amounts exactly", () => {
    const config = parse("anomalies: { absoluteJump: { amount: '${env:JUMP}' } }", { "env:JUMP": "0.1" });
    expect(config.anomalies.absoluteJump.amount).toBe(parseDecimal("0.1"));
  });

  it.each([
    ["${secret:KEY}", "secret KEY is not known"],
    ["${env:KEY}", "environment variable KEY is not set"],
    ["${env:}", "expected ${env:NAME} with a name of letters, digits and _ . / -"],
    ["${secret:KEY", "expected ${secret:NAME} with a name of letters, digits and _ . / -"],
  ])("that lead nowhere (%s) are errors at their line", (key, message) => {
    expect(errorOf(source(key)).message).toBe(`${message} (file genops.yaml, line 4, field sources[0].key)`);
  });

  it("never show what they stand for, whatever is wrong with it", () => {
    const fields = [
      "lake: ${secret:S}",
      "engine: ${secret:S}",
      'currency: { report: "${secret:S}", rates: "${secret:S}" }',
      'sources: [{ id: "${secret:S}", type: "${secret:S}" }, { id: x, type: opencost, url: "${secret:S}", schedule: "${secret:S}" }]',
      'allocation: { labels: { team: { aliases: { a: ["${secret:S}"], b: ["${secret:S}"] } } }, shared: [{ name: "${secret:S}", over: "${secret:S}" }] }',
      'budgets: { list: [{ name: "${secret:S}", limit: "${secret:S}" }, { name: "${secret:S}", limit: 1 }, { name: "${secret:S}", limit: 1 }] }',
      'anomalies: { falseAlertsPer90Days: "${secret:S}" }',
      'notifications: { slack: { token: "${secret:S}" }, webhooks: [{ id: a, url: "${secret:S}", secrets: ["${secret:S}"] }], email: { url: "${secret:S}", from: "${secret:S}", to: ["${secret:S}"] } }',
      'ledger: { maxInputBytes: "${secret:S}" }',
    ];
    const secrets = { "secret:S": "hunter2 hunter2" };
    for (const field of fields) expect(errorOf(`${field}\nzzz: 1\n`, secrets).message).not.toContain("hunter2");
    expect(errorOf(fields.join("\n"), secrets).message).not.toContain("hunter2");
  });

  it("say that braces need quotes around them", () => {
    expect(errorOf("sources: [{ id: ai, type: openai-usage, key: ${secret:KEY} }]").message).toContain(
      "between { } or [ ] a ${…} needs quotes around it",
    );
  });

  it("keep written secrets out of messages too", () => {
    const text =
      "notifications: { webhooks: [{ id: a, url: ftp-hunter2, secrets: [hunter2] }], slack: { token: hunter2, channel: c } }";
    expect(errorOf(text).message).not.toContain("hunter2");
  });
});
