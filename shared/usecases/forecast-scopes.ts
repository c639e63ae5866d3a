import { NO_RATES } from "../core/rates.ts";
import { createConvert } from "../governance/convert.ts";
import { forecastScopes, type ScopeForecast } from "../governance/forecasts/forecast-scopes.ts";
import { openCube } from "../ledger/open-costs.ts";
import { knownLags } from "./known-lags.ts";
import type { Runtime } from "./runtime.ts";

/** `genops forecast --by …`: what the present month will have cost per value of a dimension, as known now or at `--as-of`. */
export function scopeForecasts(
  runtime: Runtime,
  by: string,
): Promise<{ total: ScopeForecast; parts: ScopeForecast[] }> {
  return runtime.withCosts(async (deps) => {
    await openCube(deps, runtime.costsQuery());
    return forecastScopes(
      { engine: deps.engine, clock: runtime.clock },
      {
        by,
        currency: runtime.config.currency.report,
        cubeRelation: "cube",
        ...(await knownLags(runtime)),
        convert: createConvert(runtime.rates ?? NO_RATES),
      },
    );
  });
}
