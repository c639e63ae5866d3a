import type { SendMailOptions, SMTPTransportOptions } from "nodemailer";
import type { EmailConfig } from "../../../config/types.ts";
import { GenOpsError, messageOf } from "../../../core/errors.ts";
import type { Finding } from "../../../core/finding.ts";
import type { Delivery, DeliveryReceipt, DeliveryResult, Notifier } from "../../../ports/notifier.ts";
import { emailMessage, emailMessageId, isEmailAddress } from "../email-message.ts";
import { DEFAULT_TIMEOUT_MS } from "../http.ts";
import { newsOf, toldReceipt } from "../news.ts";

export interface EmailNotifierConfig extends EmailConfig {
  /** For each step of the SMTP dialogue. */
  timeoutMs?: number;
}

interface Mailer {
  sendMail(mail: SendMailOptions): Promise<unknown>;
}

/**
 * E-mail by SMTP: one thread per finding. A mail goes out when a finding opens, opens again, is raised or resolved. 4xx
 * answers are tried again, 5xx answers are final.
 */
export function createEmailNotifier(config: EmailNotifierConfig): Notifier {
  const options = smtpOptions(config);
  let mailer: Promise<Mailer> | undefined;

  async function send({ finding }: Delivery, to: readonly string[], root: string | undefined): Promise<DeliveryResult> {
    const messageId = emailMessageId(finding.key, root === undefined ? undefined : finding.revision, config.from);
    try {
      mailer ??= import("nodemailer").then(({ createTransport }) => createTransport(options));
      await (await mailer).sendMail({
        ...emailMessage(finding),
        from: config.from,
        to: to.map((address) => ({ name: "", address })),
        messageId,
        ...(root === undefined ? {} : { inReplyTo: root, references: root }),
        headers: { "Auto-Submitted": "auto-generated" },
        disableFileAccess: true,
        disableUrlAccess: true,
      });
    } catch (error) {
      return failureOf(error);
    }
    return { outcome: "delivered", receipt: { ...toldReceipt(finding), messageId: root ?? messageId } };
  }

  return {
    id: "email",
    async deliver(delivery) {
      const { finding, previous } = delivery;
      const news = newsOf(finding, previous);
      const to = recipientsOf(config, finding);
      if (news === "unannounced" || to.length === 0) return quiet({});
      if (news === "changed") return quiet({ ...previous, ...toldReceipt(finding) });
      return await send(delivery, to, previous?.["messageId"]);
    },
  };
}

function quiet(receipt: DeliveryReceipt): DeliveryResult {
  return { outcome: "delivered", receipt };
}

/** The configured addresses and those of the finding, each once. */
function recipientsOf(config: EmailConfig, finding: Finding): string[] {
  const addresses = [...config.to, ...finding.recipients].filter(isEmailAddress);
  return [...new Map(addresses.map((address) => [address.toLowerCase(), address])).values()];
}

/** TLS is required where a password is sent, unless the URL says otherwise or the server is this machine. */
function smtpOptions(config: EmailNotifierConfig): SMTPTransportOptions {
  const url = URL.parse(config.url);
  if (url === null || (url.protocol !== "smtp:" && url.protocol !== "smtps:") || url.hostname === "") {
    throw new GenOpsError("config", "not an smtp:// or smtps:// URL", { place: { field: "notifications.email.url" } });
  }
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  const timeoutMs = config.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return {
    url: config.url,
    pool: false,
    requireTLS: url.protocol === "smtp:" && url.username !== "" && !local,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
  };
}

function failureOf(error: unknown): DeliveryResult {
  const code = error instanceof Error && "responseCode" in error ? error.responseCode : undefined;
  const reason = typeof code === "number" ? `SMTP ${messageOf(error)}` : `mail was not sent: ${messageOf(error)}`;
  return typeof code === "number" && code >= 500
    ? { outcome: "rejected", reason }
    : { outcome: "later", afterMs: 0, reason };
}
