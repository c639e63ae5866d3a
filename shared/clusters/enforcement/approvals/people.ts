import type { Approver } from "../../../config/types.ts";

/** A person under the name that their OIDC token proves: its `sub`, or an e-mail address that its issuer has verified. */
export function oidcName(identity: string): string {
  return `oidc:${identity.includes("@") ? lowered(identity) : identity}`;
}

/** A to Z only: `toLowerCase` makes a k of the sign for Kelvin too, and one address of two. */
function lowered(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** A person under the user id that Slack's signature proves. */
export function slackName(userId: string): string {
  return `slack:${userId.toUpperCase()}`;
}

/** The name as people know it: `alice@example.com`, `Slack user U123`. */
export function plainName(name: string): string {
  return name.startsWith("slack:") ? `Slack user ${name.slice(6)}` : name.replace(/^oidc:/, "");
}

/** Every name of an entry in `enforcement.approvers`. */
export function namesOf({ identity, slack }: Approver): string[] {
  return [oidcName(identity), ...(slack === undefined ? [] : [slackName(slack)])];
}

/**
 * The names that a plan's requester may mean: a name of ours, an identity, or a user's name on the machine where the command line ran, which
 * nothing proves. Then it is everybody of these whose address begins with it: one too many may not approve rather than one too few.
 */
export function requesterNames(requester: string, known: readonly string[]): string[] {
  if (requester.startsWith("slack:")) return [slackName(requester.slice(6))];
  const name = oidcName(requester.replace(/^oidc:/, ""));
  const alike = `${lowered(name)}@`;
  return [name, ...known.filter((each) => each.startsWith(alike))];
}

/** The entries that these proven names belong to. */
export function entriesOf(names: readonly string[], approvers: readonly Approver[]): Approver[] {
  return approvers.filter((entry) => namesOf(entry).some((name) => names.includes(name)));
}

/** What others are told: the identity behind the names, where the configuration knows it. */
export function displayName(names: readonly string[], approvers: readonly Approver[]): string {
  return entriesOf(names, approvers)[0]?.identity ?? plainName(names[0] ?? "nobody");
}

/** Tells whether two names are one person. */
export type SamePerson = (one: readonly string[], other: readonly string[]) => boolean;

/**
 * Names belong to one person when they stand in one entry of the configuration or were proven by one token, also over several steps:
 * a person who is listed twice, or speaks once by Slack and once by a token, still counts once.
 */
export function samePerson(together: readonly (readonly string[])[]): SamePerson {
  const groups: Set<string>[] = [];
  for (const names of together) {
    const mine = groups.filter((group) => names.some((name) => group.has(name)));
    for (const group of mine) groups.splice(groups.indexOf(group), 1);
    groups.push(new Set([...names, ...mine.flatMap((group) => [...group])]));
  }
  const groupOf = (names: readonly string[]) => groups.find((group) => names.some((name) => group.has(name)));
  return (one, other) => {
    const group = groupOf(one);
    return group === undefined ? one.some((name) => other.includes(name)) : other.some((name) => group.has(name));
  };
}
