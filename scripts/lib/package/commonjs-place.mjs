// Bundled into every package: what CommonJS modules call their place is the place of the bundle.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

export const __filename = fileURLToPath(import.meta.url);
export const __dirname = dirname(__filename);
