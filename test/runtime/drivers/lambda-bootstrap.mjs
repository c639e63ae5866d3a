// What AWS's runtime does: asks for the next invocation, calls the handler, tells the outcome, for ever. `node lambda-bootstrap.mjs`
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { AWS_LAMBDA_RUNTIME_API = "", LAMBDA_TASK_ROOT = "", _HANDLER = "" } = process.env;
const api = `http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const [module = "", name = ""] = _HANDLER.split(".");

/**
 * @param {string} path
 * @param {unknown} body
 * @param {Record<string, string>} [headers]
 */
async function post(path, body, headers = {}) {
  const answer = await fetch(`${api}/${path}`, { method: "POST", headers, body: JSON.stringify(body ?? null) });
  if (answer.status !== 202) throw new Error(`the runtime API answered ${answer.status}`);
}

/** @param {unknown} error */
function describe(error) {
  const {
    name: errorType,
    message: errorMessage,
    stack = "",
  } = error instanceof Error ? error : new Error(String(error));
  return { errorType, errorMessage, trace: stack.split("\n") };
}

const handler = await import(pathToFileURL(join(LAMBDA_TASK_ROOT, `${module}.mjs`)).href).then(
  (loaded) => loaded[name],
  async (error) => {
    await post("init/error", describe(error), { "lambda-runtime-function-error-type": "Runtime.ImportModuleError" });
    process.exit(1);
  },
);

for (;;) {
  const next = await fetch(`${api}/invocation/next`);
  const id = next.headers.get("lambda-runtime-aws-request-id") ?? "";
  const deadline = Number(next.headers.get("lambda-runtime-deadline-ms"));
  const context = {
    awsRequestId: id,
    invokedFunctionArn: next.headers.get("lambda-runtime-invoked-function-arn"),
    functionName: process.env["AWS_LAMBDA_FUNCTION_NAME"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  const event = await next.json();
  try {
    const result = await handler(event, context);
    await post(`invocation/${id}/response`, result);
  } catch (error) {
    const described = describe(error);
    await post(`invocation/${id}/error`, described, { "lambda-runtime-function-error-type": described.errorType });
  }
}
