import type { FieldChange, FieldValue, Step, Write } from "../../../clusters/enforcement/types.ts";
import { canonicalJson, type Json } from "../../../core/json.ts";
import { cleanText, cutText } from "../clean-text.ts";
import { amountText } from "../finding-text.ts";

const VALUE_LENGTH = 60;
const SHOWN = 3;

/** `Deployment ml/trainer: replicas 5 → 0 (saves 12.30 USD per hour)`, cleaned and not escaped. */
export function stepText(step: Step, currency: string): string {
  const saves = step.savesPerHour > 0n ? ` (saves ${amountText(step.savesPerHour, currency)} per hour)` : "";
  const irreversible = step.reversible ? "" : " ⚠️ cannot be undone";
  return cleanText(`${step.subject}: ${writeText(step.write)}${saves}${irreversible}`);
}

function writeText(write: Write): string {
  switch (write.kind) {
    case "fields":
      return some(write.fields.map(fieldText));
    case "objects":
      return `create ${some(write.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`))}`;
    case "evict":
      return `evict ${some(write.pods.map(({ name }) => `pod ${name}`))}`;
    case "delete":
      return `delete ${write.target.kind} ${write.target.name}`;
    case "billing":
      return `${write.control} ${jsonText(write.from)} → ${jsonText(write.to)}`;
  }
}

function some(texts: readonly string[]): string {
  const more = texts.length > SHOWN ? ` and ${texts.length - SHOWN} more` : "";
  return `${texts.slice(0, SHOWN).join(", ")}${more}`;
}

function fieldText({ pointer, from, to }: FieldChange): string {
  // An entry of a list: its name says what it is.
  if (pointer.endsWith("]") && "absent" in from) return `add ${fieldName(pointer)}`;
  if (pointer.endsWith("]") && "absent" in to) return `remove ${fieldName(pointer)}`;
  return `${fieldName(pointer)} ${valueText(from)} → ${valueText(to)}`;
}

/** `/spec/replicas` → `replicas`; `/spec/taints[genops.ai/budget:NoSchedule]` → `taint genops.ai/budget:NoSchedule`. */
function fieldName(pointer: string): string {
  const entry = /\/(\w+?)s?\[([^\]]*)\]$/.exec(pointer);
  if (entry !== null) return `${entry[1]} ${entry[2]}`;
  const last = pointer.split("/").at(-1) ?? pointer;
  return last.replaceAll("~1", "/").replaceAll("~0", "~");
}

function valueText(value: FieldValue): string {
  return "absent" in value ? "not set" : jsonText(value.value);
}

function jsonText(value: Json): string {
  return cutText(typeof value === "string" ? value : canonicalJson(value), VALUE_LENGTH);
}
