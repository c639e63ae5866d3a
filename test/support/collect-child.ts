// Collects one FOCUS bill and dies by SIGKILL at the given write: `node collect-child.ts LAKE BILL AT before|after`. AT 0: runs through, prints the writes.
import path from "node:path";
import { collectSources } from "../../shared/ledger/collect/collect-source.ts";
import { createFileLake } from "../../shared/platforms/local/file-lake.ts";
import { createSystemRandomness } from "../../shared/platforms/local/system.ts";
import { createCollectDeps } from "./collect-deps.ts";
import { createFaultyLake } from "./faulty-lake.ts";

const [lakeDir = "", bill = "", at = "0", when = "before"] = process.argv.slice(2);
const lake = createFaultyLake(createFileLake(lakeDir, createSystemRandomness()), {
  at: Number(at),
  when: when === "after" ? "after" : "before",
  stop: () => {
    process.kill(process.pid, "SIGKILL");
    for (;;); // Nothing runs after a SIGKILL, and nothing may until it arrives.
  },
});
const runs = await collectSources(createCollectDeps(lakeDir, lake), {
  sources: [{ id: "any", type: "focus-export", location: path.basename(bill) }],
  periods: [],
  force: false,
  baseDir: path.dirname(bill),
});
process.stdout.write(JSON.stringify({ writes: lake.writes(), runs: runs.map(({ error: _error, ...run }) => run) }));
