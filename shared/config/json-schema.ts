import * as z from "zod";
import { ConfigFile } from "./config-file.ts";

/** JSON Schema (2020-12) of genops.yaml for editors: `docs/genops.schema.json`. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(ConfigFile, { io: "input" });
  return { $schema, title: "genops.yaml", ...schema };
}
