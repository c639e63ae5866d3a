import { type Decimal, parseDecimal } from "../../../core/decimal.ts";
import { addDays, type Day } from "../../../core/period.ts";
import { CUBE_DIMENSIONS, CUBE_MEASURES } from "../../../ledger/cube.ts";
import { columnsOf } from "../../../ledger/dimensions.ts";
import { type SqlEngine, type SqlLists, sqlName, sqlText } from "../../../ports/sql-engine.ts";

/** What is to be taken apart: the usage cost of one series over some days. */
export interface PartsQuestion {
  currency: string;
  /** Dimension → value, `""` where it has none. */
  keys: Readonly<Record<string, string>>;
  /** Days that are explained, the end exclusive. */
  days: { start: Day; end: Day };
}

/** One combination of values of all dimensions that a question leaves open. */
export interface CostPart {
  provider: string;
  /** In the order of `CostParts.dimensions`; `""` where it has none. */
  values: readonly string[];
  /** Over the days of the question. */
  actual: Decimal;
  /** Per row of the cube its day, by index from `CostParts.start`, and its cost, in any order. */
  days: Float64Array;
  costs: Float64Array;
}

export interface CostParts<Question extends PartsQuestion = PartsQuestion> {
  question: Question;
  dimensions: readonly string[];
  /** The first day that is read: those before the question's say what is usual. */
  start: Day;
  parts: CostPart[];
}

/** Of two that are the same cost, the first is named. The columns that the configuration names come after these. */
const DIMENSIONS = ["account", "service", "region", "team", "project", "environment", "provider", "cost_center"];
/** Says nothing about whose cost it is or what for. */
const OTHER_COLUMNS: ReadonlySet<string> = new Set([...CUBE_DIMENSIONS, ...CUBE_MEASURES]);
const DAYS_BEFORE = 28;
/** Above, the smallest parts of a question are left out. */
const MOST_PARTS = 5_000;
const QUESTION_JSON =
  '[{"i":"INTEGER","shape":"INTEGER","currency":"VARCHAR","first":"DATE","start":"DATE","end":"DATE","v":["VARCHAR"]}]';

/** The parts of each question by every dimension of the cube, by one query for all of them. */
export async function readParts<Question extends PartsQuestion>(
  engine: SqlEngine,
  cubeRelation: string,
  questions: readonly Question[],
): Promise<CostParts<Question>[]> {
  if (questions.length === 0) return [];
  const columns = (await columnsOf(engine, sqlName(cubeRelation))).map(({ name }) => name);
  const dimensions = [...DIMENSIONS, ...columns.filter((name) => !OTHER_COLUMNS.has(name))];
  const rows = await engine.queryLists(partsSql(cubeRelation, dimensions, questions));
  const byQuestion = Map.groupBy(rows, ({ texts }) => Number(texts[0]));
  return questions.map((question, i) => {
    const open = dimensions.map((name) => !(name in question.keys));
    const parts = (byQuestion.get(i) ?? []).map((row) => partOf(row, dimensions, open));
    return { question, dimensions: dimensions.filter((_name, d) => open[d]), start: firstDay(question.days), parts };
  });
}

function firstDay({ start }: PartsQuestion["days"]): Day {
  return addDays(start, -DAYS_BEFORE);
}

/** Questions that fix the same dimensions are one join, so that the engine can look values up instead of comparing all with all. */
function partsSql(cubeRelation: string, dimensions: readonly string[], questions: readonly PartsQuestion[]): string {
  const shapes = [...new Map(questions.map(({ keys }) => [shapeOf(keys), Object.keys(keys)]))];
  const places = new Map(shapes.map(([shape], s) => [shape, s]));
  const asked = questions.map(({ currency, keys, days }, i) => {
    const shape = places.get(shapeOf(keys));
    return { i, shape, currency, first: firstDay(days), ...days, v: Object.values(keys) };
  });
  const [oldest = ""] = asked.map(({ first }) => first).sort();
  const texts = dimensions.map((name, d) => `CAST(c.${sqlName(name)} AS VARCHAR) AS k${d}`);
  const from = `${sqlName(cubeRelation)} c JOIN q ON c.charge_category = 'Usage' AND c.date >= DATE ${sqlText(oldest)}`;
  const hits = shapes.map(([_shape, fixed], s) => {
    const on = [`q.shape = ${s}`, ...WITHIN, ...fixed.map(isKeySql)].join(" AND ");
    return `SELECT q.i, q.first, q.start, c.date, ${texts.join(", ")}, c.effective AS cost FROM ${from} AND ${on}`;
  });
  const names = dimensions.map((_name, d) => `k${d}`).join(", ");
  return `WITH q AS MATERIALIZED (SELECT unnest(from_json(${sqlText(JSON.stringify(asked))}, ${sqlText(QUESTION_JSON)}), recursive := true)),
hits AS (${hits.join("\nUNION ALL\n")})
SELECT i::VARCHAR AS question, coalesce(CAST(sum(cost) FILTER (date >= start) AS VARCHAR), '0') AS actual, ${names},
  list((date - first)::DOUBLE) AS days, list(cost::DOUBLE) AS costs
FROM hits GROUP BY i, ${names}
QUALIFY row_number() OVER (PARTITION BY i ORDER BY sum(abs(cost)) DESC, ${names}) <= ${MOST_PARTS}
ORDER BY i, ${names}`;
}

const WITHIN = ["c.currency = q.currency", "c.date >= q.first", 'c.date < q."end"'];

function isKeySql(name: string, index: number): string {
  return `coalesce(CAST(c.${sqlName(name)} AS VARCHAR), '') = q.v[${index + 1}]`;
}

function shapeOf(keys: PartsQuestion["keys"]): string {
  return JSON.stringify(Object.keys(keys));
}

function partOf({ texts, lists }: SqlLists, dimensions: readonly string[], open: readonly boolean[]): CostPart {
  const [_question, actual, ...values] = texts.map((text) => text ?? "");
  const [days = new Float64Array(), costs = new Float64Array()] = lists;
  return {
    provider: String(values[dimensions.indexOf("provider")]),
    values: values.filter((_value, d) => open[d]),
    actual: parseDecimal(String(actual)),
    days,
    costs,
  };
}
