import * as z from "zod";
import { GenOpsError } from "../../../core/errors.ts";
import { type SqlEngine, sqlText } from "../../../ports/sql-engine.ts";

const Serialized = z.union([
  z.object({ error: z.literal(true), error_message: z.string() }),
  z.object({ error: z.literal(false), statements: z.array(z.unknown()) }),
]);

/** Table functions that only look at what they are given. Everything else could read files, the network or the engine's settings. */
const TABLE_FUNCTIONS = new Set(["unnest", "range", "generate_series", "json_each", "json_tree"]);
/** Scalar functions that tell about the machine. */
const FORBIDDEN_FUNCTIONS = new Set(["getenv", "current_setting", "getvariable", "nextval", "query", "query_table"]);

/**
 * Holds a user's SQL to one SELECT over the view `bill` and its own common table expressions. The engine parses it; nothing is run.
 * Throws `config` otherwise.
 */
export async function assertSelect(engine: SqlEngine, sql: string): Promise<void> {
  const [row] = await engine.query(`SELECT json_serialize_sql(${sqlText(sql)})::VARCHAR AS parsed`);
  const parsed = Serialized.parse(JSON.parse(String(row?.["parsed"])));
  if (parsed.error) throw refused(parsed.error_message);
  if (parsed.statements.length !== 1) throw refused(`it holds ${parsed.statements.length} statements`);
  const nodes = [...walk(parsed.statements)];
  const names = new Set(["bill", ...nodes.flatMap(commonTables)]);
  for (const node of nodes) assertNode(node, names);
}

type Node = Readonly<Record<string, unknown>>;

function* walk(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* walk(item);
  else if (isNode(value)) {
    yield value;
    for (const inner of Object.values(value)) yield* walk(inner);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Names of WITH: plain words only, so that none can stand for a file elsewhere in the statement. */
function commonTables(node: Node): string[] {
  const map = node["cte_map"];
  const entries = isNode(map) && Array.isArray(map["map"]) ? map["map"] : [];
  return entries.flatMap((entry: unknown) => {
    const name = isNode(entry) ? String(entry["key"]) : "";
    return /^[a-z_][a-z0-9_]*$/i.test(name) ? [name.toLowerCase()] : [];
  });
}

function assertNode(node: Node, names: ReadonlySet<string>): void {
  switch (node["type"]) {
    case "BASE_TABLE": {
      const path = [node["catalog_name"], node["schema_name"], node["table_name"]]
        .map(String)
        .filter((part) => part !== "");
      if (path.length !== 1 || !names.has(path[0]?.toLowerCase() ?? "")) throw refused(`it reads ${path.join(".")}`);
      return;
    }
    case "TABLE_FUNCTION": {
      const name = isNode(node["function"]) ? String(node["function"]["function_name"]) : "";
      if (!TABLE_FUNCTIONS.has(name.toLowerCase())) throw refused(`it reads from ${name}()`);
      return;
    }
    case "SHOW_REF":
      throw refused("it describes tables instead of reading the bill");
    case "FUNCTION": {
      const name = String(node["function_name"]).toLowerCase();
      if (FORBIDDEN_FUNCTIONS.has(name)) throw refused(`it calls ${name}()`);
      return;
    }
    default:
  }
}

function refused(why: string): GenOpsError {
  return new GenOpsError("config", `the SQL of a custom source must be one SELECT that reads only \`bill\`: ${why}`, {
    place: { field: "sql" },
  });
}
