import { readFileSync } from "node:fs";

/** Text of an .sql file that lies beside the module whose `import.meta.url` is given. */
export function readSql(moduleUrl: string, name: string): string {
  return readFileSync(new URL(name, moduleUrl), "utf8");
}
