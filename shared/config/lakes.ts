import * as z from "zod";
import { closed, expected, kebabName, mapOf, oneOf } from "./scalars.ts";
import type { HomeLakeConfig } from "./types.ts";

const LAKE = /^(file:.+|(s3|azblob|azureblob|gs):\/\/.+)$/;
const LAKE_WORDS = "file:./lake, s3://bucket/prefix, azblob://account/container/prefix or gs://bucket/prefix";

/** Where a lake lies. */
export const LakeLocation = z.string(expected(LAKE_WORDS)).regex(LAKE, expected(LAKE_WORDS));

/** `lakes:` as it stands in the file: name → location, or location with what may be read from elsewhere (L10). */
export const Lakes = mapOf(
  kebabName,
  z.union([LakeLocation, closed({ location: LakeLocation, rows: z.exactOptional(oneOf(["stay", "readable"])) })]),
  "name to location",
);

/** The short form means that the rows stay. */
export function toHomeLakes(input: z.output<typeof Lakes>): Readonly<Record<string, HomeLakeConfig>> {
  return Object.fromEntries(
    Object.entries(input).map(([name, lake]) => [
      name,
      typeof lake === "string"
        ? { location: lake, rows: "stay" as const }
        : { location: lake.location, rows: lake.rows ?? ("stay" as const) },
    ]),
  );
}
