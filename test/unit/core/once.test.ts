import { expect, it } from "vitest";
import { once } from "../../../shared/core/once.ts";

it("runs work once and keeps its result", async () => {
  let runs = 0;
  const get = once(() => Promise.resolve(++runs));
  expect(await Promise.all([get(), get()])).toEqual([1, 1]);
  expect(await get()).toBe(1);
});

it("tries again after a failure", async () => {
  let runs = 0;
  const get = once(() => (++runs === 1 ? Promise.reject(new Error("not yet")) : Promise.resolve(runs)));
  await expect(get()).rejects.toThrow("not yet");
  expect(await get()).toBe(2);
});
