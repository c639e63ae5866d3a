import type { NoticeTeller, Notifier } from "../../ports/notifier.ts";

/** Can this notifier tell about plans? E-mail and signed webhooks tell about findings only. */
export function tellsNotices<N extends Notifier>(notifier: N): notifier is N & NoticeTeller {
  return "deliverNotice" in notifier;
}
