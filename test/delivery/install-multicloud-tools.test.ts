import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { matchingLines, readText, root } from "../unit/repository/repository-files.ts";
import { tarGz } from "./tar-gz.ts";

const SCRIPT = join(root, "scripts", "install-multicloud-tools.sh");
const SYSTEMS = ["linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64"];
const KUBECTL = "#!/bin/sh\necho kubectl\n";

let folder: string;
let prefix: string;
let lock: string;
let server: Server | undefined;
let asked: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "genops-tools-"));
  prefix = join(folder, "prefix");
  lock = join(folder, "tools.lock");
  asked = [];
});

afterEach(async () => {
  await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

describe("scripts/tools.lock", () => {
  const lines = readText("scripts/tools.lock")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));

  it("has one exact version and one hash, or a dash, per tool and system", () => {
    expect(lines.length).toBeGreaterThan(20);
    const malformed = lines.filter(
      (line) => !/^[a-z]+ +\d+\.\d+\.\d+ +(linux|darwin)-a(md|rm)64 +(-|[0-9a-f]{64})$/.test(line),
    );
    expect(malformed).toEqual([]);
    const keys = lines.map((line) => line.split(/ +/)).map(([tool, , system]) => `${tool} ${system}`);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  it("names every system for the tools that are still developed, in one version", () => {
    for (const tool of ["kubectl", "helm", "eksctl", "gcloud", "kubectx", "kubens"]) {
      const own = lines.map((line) => line.split(/ +/)).filter(([name]) => name === tool);
      expect(own.map(([, , system]) => system).sort()).toEqual([...SYSTEMS].sort());
      expect(new Set(own.map(([, version]) => version)).size).toBe(1);
    }
  });
});

describe("the text of the script", () => {
  const text = readText("scripts/install-multicloud-tools.sh");

  it("gives nothing that was downloaded to a shell, and asks for no rights", () => {
    expect(matchingLines("script", text, /curl.*\|\s*(ba)?sh|\beval\b|\bsudo\b|source <|latest|stable\.txt/)).toEqual(
      [],
    );
    expect(text).toContain("set -euo pipefail");
  });
});

describe("--dry-run", () => {
  it("says what would be fetched, checked and installed, and changes nothing", async () => {
    await serve({});
    const { code, output } = await run("--dry-run", "--prefix", prefix);
    expect(code).toBe(0);
    expect(output).toMatch(
      /kubectl 1\.\d+\.\d+\n {2}fetch {4}https:\/\/dl\.k8s\.io\/release\/v1\.\d+\.\d+\/bin\/\S+\/kubectl\n {2}verify {3}sha256 [0-9a-f]{64}\n/,
    );
    expect(output).toMatch(/eksctl [\d.]+\n.+\n {2}REFUSED/);
    expect(output).not.toContain("kubefedctl");
    expect(asked).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("names KubeFed only as legacy", async () => {
    const { output } = await run("--dry-run", "--legacy", "--prefix", prefix);
    expect(output).toMatch(/kubefedctl 0\.10\.0|no line for kubefedctl/);
  });
});

describe("an installation", () => {
  it("takes a program whose hash is right, and leaves nothing else behind", async () => {
    await serve({ [kubectlPath()]: Buffer.from(KUBECTL) });
    lockWith("kubectl", sha256(KUBECTL));
    const { code, output } = await install("kubectl");
    expect(output).toContain("kubectl 1.2.3: sha256 is right");
    expect(code).toBe(0);
    expect(readdirSync(join(prefix, "bin"))).toEqual(["kubectl"]);
    expect(readFileSync(join(prefix, "bin", "kubectl"), "utf8")).toBe(KUBECTL);
    expect(statSync(join(prefix, "bin", "kubectl")).mode & 0o777).toBe(0o755);
    expect(readdirSync(join(folder, "tmp"))).toEqual([]);
  });

  it("refuses a program whose hash is wrong: nothing is installed, and nothing is left behind", async () => {
    await serve({ [kubectlPath()]: Buffer.from("something else") });
    lockWith("kubectl", sha256(KUBECTL));
    const { code, output } = await install("kubectl");
    expect(code).toBe(1);
    expect(output).toContain(
      `has the sha256 ${sha256("something else")}, not ${sha256(KUBECTL)}; nothing was installed`,
    );
    expect(readdirSync(folder).sort()).toEqual(["tmp", "tools.lock"]);
    expect(readdirSync(join(folder, "tmp"))).toEqual([]);
  });

  it("installs none of several when one is wrong", async () => {
    const [os, arch] = system();
    await serve({
      [kubectlPath()]: Buffer.from(KUBECTL),
      [`/get.helm.sh/helm-v1.2.3-${os}-${arch}.tar.gz`]: Buffer.from("broken"),
    });
    lockWith("kubectl", sha256(KUBECTL), "helm", sha256("whole"));
    const { code } = await install("kubectl", "helm");
    expect(code).toBe(1);
    expect(readdirSync(folder).sort()).toEqual(["tmp", "tools.lock"]);
  });

  it("takes one program out of an archive, not what else is in it", async () => {
    const [os, arch] = system();
    const archive = tarGz({ [`${os}-${arch}/helm`]: "helm", "../evil": "evil", [`${os}-${arch}/README.md`]: "text" });
    await serve({ [`/get.helm.sh/helm-v1.2.3-${os}-${arch}.tar.gz`]: archive });
    lockWith("helm", createHash("sha256").update(archive).digest("hex"));
    expect(await install("helm")).toMatchObject({ code: 0 });
    expect(readdirSync(join(prefix, "bin"))).toEqual(["helm"]);
    expect(readdirSync(folder).sort()).toEqual(["prefix", "tmp", "tools.lock"]);
  });

  it("refuses what the lock file knows no hash for, without fetching it", async () => {
    await serve({ [kubectlPath()]: Buffer.from(KUBECTL) });
    lockWith("kubectl", "-");
    const { code, output } = await install("kubectl");
    expect(code).toBe(1);
    expect(output).toContain("knows no sha256 for kubectl 1.2.3");
    expect(asked).toEqual([]);
  });

  it("with --record takes the publisher's hash, checks against it, and writes it down", async () => {
    await serve({ [kubectlPath()]: Buffer.from(KUBECTL), [`${kubectlPath()}.sha256`]: Buffer.from(sha256(KUBECTL)) });
    lockWith("kubectl", "-");
    expect(await install("kubectl", "--record")).toMatchObject({ code: 0 });
    expect(readFileSync(lock, "utf8")).toBe(`kubectl 1.2.3 ${system().join("-")} ${sha256(KUBECTL)}\n`);
  });

  it.each([
    ["another hash", sha256("something else"), "nothing was installed"],
    ["a page instead of a hash", "<html>not found</html>", "gives no sha256"],
  ])(
    "with --record refuses when the publisher gives %s, and writes nothing down",
    async (_what, published, message) => {
      await serve({ [kubectlPath()]: Buffer.from(KUBECTL), [`${kubectlPath()}.sha256`]: Buffer.from(published) });
      lockWith("kubectl", "-");
      const { code, output } = await install("kubectl", "--record");
      expect(code).toBe(1);
      expect(output).toContain(message);
      expect(readFileSync(lock, "utf8")).toMatch(/ -\n$/);
      expect(readdirSync(folder)).not.toContain("prefix");
    },
  );

  it("fails when a file is not there", async () => {
    await serve({});
    lockWith("kubectl", sha256(KUBECTL));
    const { code, output } = await install("kubectl");
    expect(code).toBe(1);
    expect(output).toContain("cannot fetch");
    expect(readdirSync(folder)).not.toContain("prefix");
  });

  it.each([
    [["--tool", "kubefedctl"], 1, "no longer developed"],
    [["--tool", "kubectl2"], 2, "unknown tool"],
    [["--tool"], 2, "needs a value"],
    [["--force"], 2, "unknown argument"],
  ])("refuses %j", async (args, code, message) => {
    const result = await run(...args);
    expect(result).toMatchObject({ code, output: expect.stringContaining(message) });
  });

  it("refuses a mirror without TLS that is not this machine", async () => {
    lockWith("kubectl", sha256(KUBECTL));
    const { code, output } = await run("--tool", "kubectl", "--lock", lock, "--prefix", prefix, {
      GENOPS_TOOLS_MIRROR: "http://mirror.example",
    });
    expect(code).toBe(1);
    expect(output).toContain("has to begin with https://");
  });
});

function system(): [os: string, arch: string] {
  return [process.platform === "darwin" ? "darwin" : "linux", process.arch === "arm64" ? "arm64" : "amd64"];
}

function kubectlPath(): string {
  return `/dl.k8s.io/release/v1.2.3/bin/${system().join("/")}/kubectl`;
}

/** Pairs of a tool and its hash, for this system. */
function lockWith(...pairs: string[]): void {
  const lines = pairs.flatMap((tool, index) =>
    index % 2 === 0 ? [`${tool} 1.2.3 ${system().join("-")} ${pairs[index + 1]}\n`] : [],
  );
  writeFileSync(lock, lines.join(""));
}

async function install(...args: string[]) {
  const tools = args.filter((arg) => !arg.startsWith("--")).flatMap((tool) => ["--tool", tool]);
  const options = args.filter((arg) => arg.startsWith("--"));
  const address = server?.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  mkdirSync(join(folder, "tmp"));
  return run(...tools, ...options, "--lock", lock, "--prefix", prefix, {
    GENOPS_TOOLS_MIRROR: `http://127.0.0.1:${port}`,
    TMPDIR: join(folder, "tmp"),
  });
}

function run(...args: (string | Record<string, string>)[]): Promise<{ code: number; output: string }> {
  const env = Object.assign({}, ...args.filter((arg) => typeof arg !== "string"));
  const words = args.filter((arg) => typeof arg === "string");
  const child = spawn("bash", [SCRIPT, ...words], { env: { ...process.env, HOME: folder, ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** A publisher: paths below the host's name, and what lies there. */
async function serve(files: Readonly<Record<string, Buffer>>): Promise<void> {
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const body = files[request.url ?? ""];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
