/**
 * npm writes only those optional packages into the lock file whose metadata its registry has. A lock file without the packages of other
 * systems makes `npm ci` fail, or leaves those systems without their native parts; this adds what is missing.
 *
 * @typedef {object} LockEntry
 * @property {string} version
 * @property {string} [integrity]
 * @property {boolean} [dev]
 * @property {boolean} [optional]
 * @property {boolean} [devOptional]
 * @property {string[]} [os]
 * @property {string[]} [cpu]
 * @property {string[]} [libc]
 * @property {Record<string, string>} [optionalDependencies]
 *
 * @typedef {{packages: Record<string, LockEntry>} & Record<string, unknown>} Lock
 * @typedef {{path: string, name: string, version: string, parent: LockEntry}} MissingPackage
 * @typedef {(spec: string) => Promise<string | undefined>} AskIntegrity
 */

const SYSTEMS = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const PROCESSORS = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64"];

/**
 * Optional packages that some package declares and the lock file does not hold.
 * @param {Lock} lock
 * @returns {MissingPackage[]}
 */
export function missingPackages(lock) {
  return Object.entries(lock.packages).flatMap(([parentPath, parent]) =>
    Object.entries(parent.optionalDependencies ?? {})
      .filter(([name]) => !candidates(parentPath, name).some((path) => lock.packages[path] !== undefined))
      .map(([name, version]) => ({ path: `node_modules/${name}`, name, version, parent })),
  );
}

/**
 * Where Node would look for a package, nearest first.
 * @param {string} parentPath
 * @param {string} name
 */
function candidates(parentPath, name) {
  const steps = parentPath.split("/node_modules/");
  const nested = steps.map(
    (_, index) => `${steps.slice(0, steps.length - index).join("/node_modules/")}/node_modules/${name}`,
  );
  return [...nested, `node_modules/${name}`];
}

/**
 * The lock file with every declared optional package in it, ordered as npm orders it.
 * @param {Lock} lock
 * @param {AskIntegrity} askIntegrity
 * @returns {Promise<Lock>}
 */
export async function completeLock(lock, askIntegrity) {
  const packages = { ...lock.packages };
  for (const missing of missingPackages(lock)) {
    packages[missing.path] = await entryOf(missing, askIntegrity);
  }
  const ordered = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, "en"));
  return { ...lock, packages: Object.fromEntries(ordered) };
}

/**
 * @param {MissingPackage} missing
 * @param {AskIntegrity} askIntegrity
 * @returns {Promise<LockEntry>}
 */
async function entryOf({ name, version, parent }, askIntegrity) {
  if (!/^\d+\.\d+\.\d+/.test(version)) {
    throw new Error(
      `${name}@${version}: only an exact version can be completed; install it once where the registry has it`,
    );
  }
  const integrity = await askIntegrity(`${name}@${version}`);
  return {
    version,
    ...(integrity === undefined ? {} : { integrity }),
    ...(parent.dev === true ? { dev: true } : {}),
    ...(parent.devOptional === true ? { devOptional: true } : {}),
    optional: true,
    ...platformOf(name),
  };
}

/**
 * The system that a native package is for, as its name tells: `@x/y-linux-arm64-musl`.
 * @param {string} name
 * @returns {{os: string[], cpu: string[], libc?: string[]}}
 */
export function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined)
    throw new Error(`${name}: its name does not tell its system and processor`);
  const libc = words.some((word) => word.startsWith("musl"))
    ? "musl"
    : words.some((word) => word.startsWith("gnu"))
      ? "glibc"
      : undefined;
  return { os: [os], cpu: [cpu], ...(libc === undefined || os !== "linux" ? {} : { libc: [libc] }) };
}
