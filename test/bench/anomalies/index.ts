type Print = (line: string) => void;
type Section = (print: Print) => void | Promise<void>;

/** In the order in which they are printed. Each is loaded when it is wanted. */
const SECTIONS: Readonly<Record<string, Section>> = {
  generator: async (print) => (await import("./generator.ts")).printGenerator(print),
  fine: async (print) => (await import("./fine/fine-bench.ts")).printFineBench(print),
  forecast: async (print) => (await import("./forecast/index.ts")).printForecastBench(print),
  load: async (print) => (await import("./load/index.ts")).printLoadBench(print),
  attribution: async (print) => (await import("./attribution/index.ts")).printAttributionBench(print),
  speed: async (print) => (await import("./speed.ts")).printSpeed(print),
};

/** What frozen figures were chosen with: minutes of work, so only when it is named. */
const EVIDENCE: Readonly<Record<string, Section>> = {
  "daily-thresholds": async (print) => (await import("./daily/evidence.ts")).printDailyEvidence(print),
};

export const ANOMALY_SECTIONS: readonly string[] = [...Object.keys(SECTIONS), ...Object.keys(EVIDENCE)];

/**
 * Every figure that anomalies, forecasts and settledness are judged by, against its aim; or one section of them. False: there is no such
 * section.
 */
export async function printAnomaliesBench(section: string | undefined, print: Print): Promise<boolean> {
  const wanted = section === undefined ? Object.keys(SECTIONS) : ANOMALY_SECTIONS.filter((name) => name === section);
  for (const name of wanted) {
    const began = performance.now();
    await (SECTIONS[name] ?? EVIDENCE[name])?.(print);
    print(`  (${name}: ${((performance.now() - began) / 1000).toFixed(0)} s)\n`);
  }
  return wanted.length > 0;
}
