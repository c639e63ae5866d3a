import { GenOpsError, messageOf } from "../../core/errors.ts";
import { httpStatusOf } from "../../core/http-status.ts";
import type { PermissionCheck } from "../../ports/permissions.ts";

/** What the doctor says about one thing. */
export interface DoctorCheck {
  what: string;
  ok: boolean;
  detail: string;
  /** Only where nothing could be learned; `ok` then means that nothing speaks against it. */
  checked?: false;
  /** It holds, and something about it should be known. */
  warning?: true;
  /** The right that is missing. */
  missing?: string;
  /** How a person gives it. */
  grant?: string;
}

/** Something that is looked at as a whole: it holds, with a detail, or throws what is wrong. */
export async function check(what: string, work: () => Promise<string>): Promise<DoctorCheck> {
  try {
    return { what, ok: true, detail: await work() };
  } catch (error) {
    return { what, ok: false, detail: messageOf(error) };
  }
}

/** Makes the call. A refusal names the right and how to give it; another failure only what happened. */
export async function checkPermission(
  { what, grant, ask }: PermissionCheck,
  isMissing: (error: unknown) => boolean = isDenied,
): Promise<DoctorCheck> {
  try {
    const { outcome, detail } = await ask();
    return outcome === "granted" ? { what, ok: true, detail } : unchecked(what, detail);
  } catch (error) {
    const failure = { what, ok: false, detail: messageOf(error) };
    return isMissing(error) ? { ...failure, missing: grant.right, grant: grant.how } : failure;
  }
}

export function unchecked(what: string, why: string): DoctorCheck {
  return { what, ok: true, checked: false, detail: `not checked: ${why}` };
}

/** The cloud could not be reached: that says nothing about who this process is. */
export function isPassing(error: unknown): boolean {
  return error instanceof GenOpsError && error.retryable;
}

const DENIED =
  /AccessDenied|AccessForbidden|NotAuthorized|UnauthorizedOperation|Authorization(Failure|Failed|Permission)/;
/** Our adapters' own words; they leave out a cause that holds the request. */
const SAID = /access denied|denies access|the right \S+ is missing/i;
/** Refused as well, but for who asks, not for what is asked. */
const NOT_SIGNED_IN = /InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|UnrecognizedClient/;

/** Whether a cloud said that this identity may not do this: by HTTP status or by name, anywhere in the chain of causes. */
export function isDenied(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (NOT_SIGNED_IN.test(each.name)) return false;
    if (httpStatusOf(each) === 403 || DENIED.test(each.name) || SAID.test(each.message)) return true;
  }
  return false;
}
