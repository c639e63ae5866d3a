import { readFileSync } from "node:fs";
import { inject } from "vitest";

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  DependsOn?: string | string[];
  Condition?: string;
}

/** What `osls package` has made of serverless.yml. */
export const TEMPLATE = JSON.parse(readFileSync(inject("template"), "utf8")) as {
  Resources: Readonly<Record<string, Resource>>;
  Conditions: Readonly<Record<string, unknown>>;
};

export const FUNCTIONS = ["Collect", "Evaluate", "Enforce", "Alerts", "Health", "Api"];

export function ofType(type: string): [string, Resource][] {
  return Object.entries(TEMPLATE.Resources).filter(([, resource]) => resource.Type === type);
}

export function propertiesOf(type: string): Record<string, unknown>[] {
  return ofType(type).map(([, { Properties }]) => Properties);
}

/** CloudFormation takes one thing for a list of one. */
export function list<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value];
}
