import { printGenerator } from "./generator.ts";
import { printSpeed } from "./speed.ts";

type Print = (line: string) => void;

/** In the order in which they are printed. */
const SECTIONS: Readonly<Record<string, (print: Print) => Promise<void>>> = {
  generator: printGenerator,
  speed: printSpeed,
};

export const ANOMALY_SECTIONS: readonly string[] = Object.keys(SECTIONS);

/** Every figure that anomalies, forecasts and settledness are judged by, against its aim; or one section of them. False: there is no such. */
export async function printAnomaliesBench(section: string | undefined, print: Print): Promise<boolean> {
  const wanted = section === undefined ? ANOMALY_SECTIONS : ANOMALY_SECTIONS.filter((name) => name === section);
  for (const name of wanted) await SECTIONS[name]?.(print);
  return wanted.length > 0;
}
