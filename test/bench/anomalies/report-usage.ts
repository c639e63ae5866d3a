/** What a program has used, written to stderr when it ends: `node --import report-usage.ts program.ts`. */
export interface Usage {
  cpuMs: number;
  peakMb: number;
}

process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  const usage: Usage = { cpuMs: (user + system) / 1000, peakMb: process.resourceUsage().maxRSS / 1024 };
  process.stderr.write(JSON.stringify(usage));
});
