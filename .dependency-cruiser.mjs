/**
 * Who may import whom: `docs/development.md`, section "The rooms". Each line may import the lines below it, and nothing beside or above.
 */
const FLOORS = [
  ["usecases"],
  ["platforms", "interfaces"],
  ["placement"],
  ["clusters"],
  ["ai"],
  ["governance"],
  ["prices", "journal"],
  ["ledger"],
  ["ingestion"],
  ["config"],
  ["ports"],
  ["core"],
];

/** The packages of each cloud, and the runtime framework that its entry points need. */
const CLOUDS = {
  aws: { sdk: "@aws-sdk/|@smithy/|aws-sdk(/|$)|aws-lambda", framework: "aws-lambda" },
  azure: { sdk: "@azure/", framework: "@azure/functions" },
  gcp: { sdk: "@google-cloud/|googleapis(/|$)|google-auth-library", framework: "@google-cloud/functions-framework" },
};

const rooms = FLOORS.flatMap((floor, index) =>
  floor.map((room) => ({
    name: `${room}-imports-down-only`,
    comment: "What a lower room needs of a higher one comes to it as a port or an event.",
    severity: "error",
    from: { path: `^shared/${room}(/|\\.)` },
    to: { path: "^shared/", pathNot: `^shared/(${[room, ...FLOORS.slice(index + 1).flat()].join("|")})(/|\\.)` },
  })),
);

const clouds = Object.entries(CLOUDS).flatMap(([cloud, { sdk, framework }]) => [
  {
    name: `only-platforms-${cloud}-imports-its-sdk`,
    severity: "error",
    from: { pathNot: `^(shared/platforms/${cloud}/|test/|functions/${cloud}/)` },
    to: { path: `(^|node_modules/)(${sdk})` },
  },
  {
    name: `functions-${cloud}-imports-only-its-framework`,
    severity: "error",
    from: { path: `^functions/${cloud}/` },
    to: { path: `(^|node_modules/)(${sdk})`, pathNot: `(^|node_modules/)${framework}(/|$)` },
  },
]);

const adapters = ["aws", "azure", "gcp", "local"].map((cloud) => ({
  name: `${cloud}-adapters-stay-apart`,
  comment: "What two clouds share belongs into a lower room.",
  severity: "error",
  from: { path: `^(shared/platforms|functions)/${cloud}/` },
  to: { path: "^(shared/platforms|functions)/[^/]+/", pathNot: `^(shared/platforms|functions)/${cloud}/` },
}));

export default {
  forbidden: [
    { name: "no-cycles", comment: "Type-only cycles included.", severity: "error", from: {}, to: { circular: true } },
    {
      name: "imports-resolve",
      comment: "aws-lambda is types only (@types/aws-lambda).",
      severity: "error",
      from: { pathNot: "^test/" },
      to: { couldNotResolve: true, pathNot: "^aws-lambda$" },
    },
    ...rooms,
    ...clouds,
    ...adapters,
    {
      name: "shared-knows-no-entry-point",
      severity: "error",
      from: { path: "^shared/" },
      to: { path: "^(functions|test|scripts|bin)/" },
    },
    {
      name: "core-knows-only-zod",
      severity: "error",
      from: { path: "^shared/core(/|\\.)" },
      to: { pathNot: "^(shared/core/|node_modules/zod/)" },
    },
    {
      name: "ports-know-types-only",
      severity: "error",
      from: { path: "^shared/ports/" },
      to: { dependencyTypesNot: ["type-only"], pathNot: "^(shared/(ports|core)/)" },
    },
    {
      name: "duckdb-behind-its-port",
      severity: "error",
      from: { path: "^(shared|functions)/", pathNot: "^shared/ledger/engines/duckdb/" },
      to: { path: "(^|node_modules/)@duckdb/" },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(test/fixtures|samples)/" },
    enhancedResolveOptions: {
      extensions: [".ts", ".mjs", ".js", ".json"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "types"],
    },
  },
};
