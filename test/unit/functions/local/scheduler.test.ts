import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startScheduler } from "../../../../functions/local/scheduler.ts";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse("2024-09-30T12:00:30Z") }));
afterEach(() => void vi.useRealTimers());

describe("startScheduler", () => {
  it("runs each job when its cron expression says so", async () => {
    const ran: string[] = [];
    const job = (id: string, schedule: string) => ({ id, schedule, run: () => Promise.resolve(void ran.push(id)) });
    const scheduler = startScheduler([job("minute", "* * * * *"), job("hour", "5 * * * *")]);
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    await scheduler.stop();
    expect(ran.filter((id) => id === "minute")).toHaveLength(5);
    expect(ran.filter((id) => id === "hour")).toHaveLength(1);
  });

  it("never runs two jobs at once, and what falls due meanwhile runs once afterwards", async () => {
    let inside = 0;
    let most = 0;
    let finished = 0;
    const slow = {
      id: "slow",
      schedule: "* * * * *",
      run: async () => {
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setTimeout(resolve, 150_000));
        inside--;
        finished++;
      },
    };
    const scheduler = startScheduler([slow, { ...slow, id: "other" }]);
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    const stopping = scheduler.stop();
    await vi.advanceTimersByTimeAsync(150_000);
    await stopping;
    expect(most).toBe(1);
    expect(finished).toBe(4);
  });
});
