// Which clouds a deployment goes to: `node scripts/choose-clouds.mjs`, a step of .github/workflows/deploy-multi-cloud.yml.
// A push has no inputs and goes to all; a person names some. Writes aws, azure, gcp (true or false) and clouds (a JSON list) for later jobs.
import { appendFileSync } from "node:fs";

const CLOUDS = ["aws", "azure", "gcp"];

const { EVENT_NAME: event = "", TARGET_CLOUDS: wanted = "", GITHUB_OUTPUT: file } = process.env;
const chosen = event === "workflow_dispatch" ? parse(wanted) : CLOUDS;
const lines = [...CLOUDS.map((cloud) => `${cloud}=${chosen.includes(cloud)}`), `clouds=${JSON.stringify(chosen)}`];
if (process.exitCode === undefined) {
  console.log(`Clouds: ${chosen.join(", ")}`);
  if (file !== undefined) appendFileSync(file, `${lines.join("\n")}\n`);
}

/**
 * `aws, gcp` → the known clouds in it, in our order. Words are compared whole: a cloud is not chosen because its name is part of another word.
 * @param {string} text
 */
function parse(text) {
  const words = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== "");
  const unknown = words.filter((word) => !CLOUDS.includes(word));
  if (words.length === 0 || unknown.length > 0) {
    console.error(
      unknown.length > 0
        ? `target_clouds: ${unknown.join(", ")} is unknown; known are ${CLOUDS.join(", ")}`
        : `target_clouds is empty; name at least one of ${CLOUDS.join(", ")}`,
    );
    process.exitCode = 2;
  }
  return CLOUDS.filter((cloud) => words.includes(cloud));
}
