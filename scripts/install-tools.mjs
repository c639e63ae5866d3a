// `npm run tools:install`: the servers that `npm run test:all` needs beside npm's packages. Installs each once, in `.cache/tools`.
import { CONTROL_PLANE_TOOL } from "./lib/control-plane.mjs";
import { main } from "./lib/main.mjs";
import { installTestServer, TEST_SERVER_TOOLS } from "./lib/test-servers.mjs";

await main(async () => {
  let code = 0;
  for (const tool of [...TEST_SERVER_TOOLS, CONTROL_PLANE_TOOL]) {
    const started = Date.now();
    const outcome = await installTestServer(tool).catch((/** @type {Error} */ error) => {
      code = 1;
      return error.message;
    });
    console.log(`${tool.name}: ${outcome} (${((Date.now() - started) / 1000).toFixed(0)} s)`);
  }
  return code;
});
