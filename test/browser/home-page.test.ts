import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HttpServer, serveHttp } from "../../functions/local/http.ts";
import { createApi } from "../../shared/interfaces/api/api.ts";
import { noHooks } from "../support/no-hooks.ts";
import { noPlans } from "../support/no-plans.ts";
import { homeModel } from "./fixtures/home-model.ts";

const CHROMIUM = process.env["GENOPS_CHROMIUM"] ?? "/usr/bin/chromium";
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The part of playwright-core that is used; the package lives with the heavy test tools. */
interface Playwright {
  chromium: { launch(options: { executablePath: string; args: string[] }): Promise<Browser> };
}
interface Browser {
  newPage(options: { viewport: { width: number; height: number }; colorScheme: "light" | "dark" }): Promise<Page>;
  close(): Promise<void>;
}
interface Page {
  on(event: "console", listener: (message: { type(): string; text(): string }) => void): void;
  on(event: "pageerror", listener: (error: Error) => void): void;
  on(event: "request", listener: (request: { url(): string }) => void): void;
  goto(url: string): Promise<{ status(): number } | null>;
  title(): Promise<string>;
  evaluate<T>(script: string): Promise<T>;
  getByText(text: string): { first(): { isVisible(): Promise<boolean> } };
  click(selector: string): Promise<void>;
  close(): Promise<void>;
}

let server: HttpServer;
let browser: Browser;

beforeAll(async () => {
  if (!existsSync(CHROMIUM)) throw new Error(`no browser at ${CHROMIUM}: install chromium or set GENOPS_CHROMIUM`);
  const require = createRequire(new URL("../tools/package.json", import.meta.url));
  const { chromium } = require("playwright-core") as Playwright;
  const handler = createApi({
    report: () => Promise.reject(new Error("not asked")),
    budgets: async () => ({ budgets: [...homeModel().budgets] }),
    findings: async () => ({ findings: [...homeModel().findings] }),
    changeFinding: () => Promise.reject(new Error("not asked")),
    homeModel: async () => homeModel(),
    hooks: noHooks(),
    plans: noPlans(),
  });
  server = await serveHttp(handler, { host: "127.0.0.1", port: 0 });
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

const TEXTS = [
  "Cost by day",
  "Budgets",
  "Findings",
  "Totals",
  "team/ai-research",
  "over the limit",
  "2 critical, 1 warning open",
  "Google Cloud costs 2.4 times",
];

async function open(width: number, colorScheme: "light" | "dark") {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => requests.push(request.url()));
  const response = await page.goto(server.url);
  return { page, complaints, requests, status: response?.status() };
}

describe("the first page in a browser", () => {
  it.each([
    [1280, "light"],
    [1280, "dark"],
    [390, "light"],
    [390, "dark"],
  ] as const)("shows charts, budgets and findings at %i pixels, %s", async (width, scheme) => {
    const { page, complaints, requests, status } = await open(width, scheme);
    expect(status).toBe(200);
    const shown = await Promise.all(TEXTS.map((text) => page.getByText(text).first().isVisible()));
    expect(TEXTS.filter((_, index) => shown[index] !== true)).toEqual([]);
    expect(await page.evaluate<number>("document.querySelectorAll('figure svg .day').length")).toBe(240);
    expect(
      await page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth"),
    ).toBe(0);
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(`${server.url}/`) && !url.startsWith("data:"))).toEqual([]);
    await page.close();
  });

  it("applies its style under its own policy, in light and dark", async () => {
    const backgrounds: string[] = [];
    for (const scheme of ["light", "dark"] as const) {
      const { page } = await open(1280, scheme);
      backgrounds.push(await page.evaluate<string>("getComputedStyle(document.body).backgroundColor"));
      await page.close();
    }
    expect(backgrounds).toEqual(["rgb(246, 247, 249)", "rgb(15, 19, 25)"]);
  });

  it("draws bars with a height and a colour per provider", async () => {
    const { page } = await open(1280, "light");
    const fills = await page.evaluate<string[]>(
      "['p-aws','p-azure','p-gcp'].map((name) => { const bar = document.querySelector('.day .' + name); return bar.getBoundingClientRect().height > 1 ? getComputedStyle(bar).fill : 'flat'; })",
    );
    expect(new Set(fills).size).toBe(3);
    expect(fills).not.toContain("flat");
    await page.close();
  });

  it("keeps a hostile tag inert", async () => {
    const { page } = await open(1280, "light");
    expect(await page.title()).toBe("GenOps: cloud cost");
    expect(await page.evaluate<number>("document.images.length + document.scripts.length")).toBe(0);
    expect(await page.getByText("<img src=x onerror=").first().isVisible()).toBe(true);
    await page.close();
  });

  it("opens the table of days", async () => {
    const { page } = await open(1280, "light");
    await page.click("figure summary");
    expect(await page.getByText("2024-09-24").first().isVisible()).toBe(true);
    await page.close();
  });

  it("keeps text at a contrast of at least 4.5 to 1 in both schemes", async () => {
    for (const scheme of ["light", "dark"] as const) {
      const { page } = await open(1280, scheme);
      expect(await page.evaluate<string[]>(LOW_CONTRAST)).toEqual([]);
      await page.close();
    }
  });
});

/** Texts whose colour is too close to the first opaque background below them. */
const LOW_CONTRAST = `(() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const backgroundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const element of document.querySelectorAll("h1,h2,h3,p,span,strong,a,summary,td,th,caption,time,b,bdi,li,text")) {
    if (element.textContent.trim() === "" || element.closest("details:not([open]) > :not(summary)")) continue;
    const style = getComputedStyle(element);
    const [a, b] = [luminance(parse(element instanceof SVGElement ? style.fill : style.color)), luminance(backgroundOf(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) low.push(contrast.toFixed(2) + " " + element.tagName + "." + element.getAttribute("class") + " " + element.textContent.trim().slice(0, 40));
  }
  return [...new Set(low)];
})()`;
