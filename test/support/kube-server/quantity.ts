const SUFFIX: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** A resource quantity as thousandths, rounded up as the API server rounds; undefined when it is none. */
export function milliOf(quantity: unknown): number | undefined {
  const [, digits = "", suffix = ""] =
    /^([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(String(quantity)) ?? [];
  const factor = SUFFIX[suffix];
  return digits === "" || factor === undefined ? undefined : Math.ceil(Number(digits) * factor * 1000 - 1e-6);
}

/** Text of thousandths: `500m`, `2`; of bytes in powers of two `32Gi`. */
export function quantityOf(milli: number, binary = false): string {
  if (milli % 1000 !== 0) return `${milli}m`;
  const whole = milli / 1000;
  const fits = (suffix: string) => whole !== 0 && whole % (SUFFIX[suffix] ?? 1) === 0;
  const suffix = binary ? (["Pi", "Ti", "Gi", "Mi", "Ki"].find(fits) ?? "") : "";
  return `${whole / (SUFFIX[suffix] ?? 1)}${suffix}`;
}
