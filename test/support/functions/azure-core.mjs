// The part of the Azure Functions worker that `@azure/functions` asks for: its core module, which is no npm package.
import { Module } from "node:module";

/**
 * @typedef {object} Metadata
 * @property {string} name
 * @property {Record<string, { type: string, [field: string]: unknown }>} bindings
 * @property {Record<string, unknown>} [retryOptions]
 *
 * @typedef {object} HttpAnswer as JSON: bytes as base64
 * @property {string} statusCode
 * @property {Record<string, string>} headers
 * @property {{ base64: string }} [body]
 *
 * @typedef {object} Answer
 * @property {{ http?: HttpAnswer }} [returnValue]
 */

/**
 * Puts the core module in place, as the real worker does (`src/setupCoreModule.ts` of Azure/azure-functions-nodejs-worker). Apps that are
 * loaded from then on register here; what they are invoked with goes through the real `@azure/functions`.
 * @param {(line: string) => void} log what functions log
 */
export function installAzureCore(log) {
  /** @type {Map<string, { meta: Metadata, fn: unknown }>} */
  const registrations = new Map();
  /** @type {any} */ // The programming model of `@azure/functions`, whose types are its own.
  let model;
  const core = {
    version: "3.12.0",
    hostVersion: "4.0",
    log() {},
    Disposable: class {
      dispose() {}
    },
    setProgrammingModel(/** @type {unknown} */ own) {
      model = own;
    },
    getProgrammingModel: () => model,
    registerHook: () => ({ dispose() {} }),
    registerFunction(/** @type {Metadata} */ meta, /** @type {unknown} */ fn) {
      registrations.set(meta.name, { meta, fn });
      return { dispose() {} };
    },
  };
  Module.prototype.require = new Proxy(Module.prototype.require, {
    apply: (target, self, args) => (args[0] === "@azure/functions-core" ? core : Reflect.apply(target, self, args)),
  });

  return {
    registrations: () => [...registrations.values()].map(({ meta }) => meta),
    /**
     * Throws what the function throws.
     * @param {string} name
     * @param {unknown} data of its trigger, as the host sends it
     * @param {string} [invocationId]
     * @returns {Promise<Answer>}
     */
    async invoke(name, data, invocationId = "azure-1") {
      const { meta, fn } = registrations.get(name) ?? {};
      if (meta === undefined) throw new Error(`no function ${name} is registered`);
      const [trigger] = Object.entries(meta.bindings).find(([, { type }]) => /trigger/i.test(type)) ?? [];
      const run = model.getInvocationModel({
        invocationId,
        metadata: meta,
        state: undefined,
        log: (/** @type {string} */ _level, /** @type {string} */ _category, /** @type {unknown[]} */ ...args) =>
          log(args.join(" ")),
        request: { invocationId, inputData: [{ name: trigger, data }], triggerMetadata: {}, traceContext: {} },
      });
      const { context, inputs } = await run.getArguments();
      return plain(await run.getResponse(context, await run.invokeFunction(context, inputs, fn)));
    },
  };
}

/** @returns {Answer} */
function plain(/** @type {any} */ answer) {
  const http = answer?.returnValue?.http;
  if (http?.body?.bytes !== undefined) http.body = { base64: Buffer.from(http.body.bytes).toString("base64") };
  return JSON.parse(JSON.stringify(answer ?? {}));
}
