import { vi } from "vitest";

/** What a work prints to stdout in this process, and its answer; progress is dropped. */
export async function captured<T>(work: () => Promise<T>): Promise<{ answer: T; text: string }> {
  const texts: string[] = [];
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
      texts.push(String(chunk));
      return true;
    }),
    vi.spyOn(process.stderr, "write").mockImplementation(() => true),
  ];
  try {
    return { answer: await work(), text: texts.join("") };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
