import type { Command } from "commander";
import { listFeedback } from "../../../shared/governance/anomalies/feedback/feedback-store.ts";
import { sayAboutAnomaly, unsayAboutAnomaly } from "../../../shared/usecases/anomaly-feedback.ts";
import { answer } from "../answer.ts";
import type { Bind, CommandContext } from "../command-context.ts";
import {
  type FeedbackOptions,
  feedbackJson,
  feedbackKind,
  printFeedback,
  printGiven,
  printUndone,
} from "../commands/anomaly-feedback.ts";
import { findingsDocument } from "../commands/governance.ts";
import { nameOfUser } from "../name-of-user.ts";

/** `anomalies feedback KEY expected|planned|wrong`, `… list`, `… undo`. */
export function addFeedback(anomalies: Command, bind: Bind): void {
  const command = anomalies.command("feedback").description("say what an anomaly was, and take it back");
  bind(
    command
      .argument("<key>", "key of the finding, or its digits")
      .argument("<what>", "expected: this is normal now; planned: until --to; wrong: nothing unusual")
      .option("--from <day>", "first planned day (default: the first of the anomaly)")
      .option("--to <day>", "last planned day, included")
      .option("--note <text>", "why")
      .option("--by <name>", "who", nameOfUser()),
    async ({ out, format, options, openRuntime }: CommandContext<FeedbackOptions>, key, what) => {
      const kind = feedbackKind(what);
      const runtime = await openRuntime();
      const { by: actor, from, to, note } = options;
      const given = await sayAboutAnomaly(runtime, { key: key ?? "", kind, actor, from, to, note });
      const now = runtime.clock.evaluationNow();
      const [finding] = findingsDocument([given.finding]).findings;
      const said = feedbackJson(given.feedback, now);
      answer(out, format, {
        document: { feedback: said, finding },
        records: [said],
        print: () => printGiven(out, given, now),
      });
      return 0;
    },
  );
  bind(
    command.command("list").description("what people have said about anomalies"),
    async ({ out, format, openRuntime }) => {
      const runtime = await openRuntime();
      const feedback = await listFeedback(runtime.lake);
      const now = runtime.clock.evaluationNow();
      const document = { feedback: feedback.map((said) => feedbackJson(said, now)) };
      answer(out, format, { document, records: document.feedback, print: () => printFeedback(out, feedback, now) });
      return 0;
    },
  );
  bind(
    command
      .command("undo <which>")
      .description("take it back: by its id, or the finding's key")
      .option("--by <name>", "who", nameOfUser()),
    async ({ out, format, options, openRuntime }: CommandContext<FeedbackOptions>, which) => {
      const runtime = await openRuntime();
      const undone = await unsayAboutAnomaly(runtime, { which: which ?? "", actor: options.by });
      const said = feedbackJson(undone.feedback, runtime.clock.evaluationNow());
      answer(out, format, {
        document: { feedback: said },
        records: [said],
        print: () => printUndone(out, undone),
      });
      return 0;
    },
  );
}
