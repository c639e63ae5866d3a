import * as z from "zod";
import { closed, expected, nonEmptyListOf, text, textOf } from "./scalars.ts";
import { ROLES, type Role, type SignInConfig } from "./types.ts";

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Keys that travel in the clear could be anybody's; only this machine may do without TLS. */
const secureUrl = (what: string) =>
  z.string(expected(what)).refine((written) => {
    const url = URL.parse(written);
    return url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.has(url.hostname));
  }, expected(what));

const claim = textOf("the name of a claim such as roles");
const values = z.exactOptional(nonEmptyListOf(text, "values of the roles claim"));
const audience = textOf("the audience of the tokens, such as genops");

/** `signIn:` as it stands in the file. */
export const SignIn = closed({
  issuer: secureUrl("an issuer such as https://login.example.com"),
  audience: z.union(
    [audience.transform((value): readonly string[] => [value]), nonEmptyListOf(audience, "audiences")],
    expected("an audience or a list of audiences"),
  ),
  keysUrl: z.exactOptional(secureUrl("a URL such as https://login.example.com/keys")),
  identityClaim: z.exactOptional(claim),
  rolesClaim: z.exactOptional(claim),
  roles: z.exactOptional(closed({ viewer: values, operator: values, approver: values, admin: values })),
});

/** Fills in the defaults: a role is called as we call it. */
export function toSignInConfig({ roles = {}, rolesClaim = "roles", ...rest }: z.output<typeof SignIn>): SignInConfig {
  const named = ROLES.map((role): [Role, readonly string[]] => [role, roles[role] ?? [role]]);
  return { ...rest, rolesClaim, roles: Object.fromEntries(named) as Record<Role, readonly string[]> };
}
