import { chmod, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, describe, expect, it } from "vitest";
import { type KubeconfigOptions, openKubeconfig } from "../../../../shared/clusters/connections/kubeconfig.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { createCertificate } from "../../../support/identity/certificate.ts";
import { clientOf, startStub } from "../../../support/kube-stub.ts";
import { type KubeconfigParts, writeKubeconfig } from "../../../support/kubeconfig-file.ts";

const folders = createFolders();
afterAll(() => folders.clean());

const clock = createFakeClock("2026-11-22T06:00:00.000Z");
const server = "https://127.0.0.1:6443/";
/** A signed web token, as a service account's: only its payload is read. */
const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;

async function open(parts: Partial<KubeconfigParts>, more: Partial<KubeconfigOptions> = {}, folder?: string) {
  const file = await writeKubeconfig(folder ?? (await folders.make()), { server, user: {}, ...parts });
  const plain = { allowStaticCredentials: false, home: "local", environment: { PATH: process.env["PATH"] } } as const;
  return openKubeconfig({ file, clock, ...plain, ...more });
}

async function program(folder: string, name: string, lines: readonly string[]): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, ["#!/bin/sh", ...lines, ""].join("\n"));
  await chmod(file, 0o700);
  return `./${name}`;
}

describe("a kubeconfig", () => {
  it("gives server, authority and the name in the certificate", async () => {
    const access = await open(
      { certificateAuthority: "PEM", user: { token: "t" }, cluster: { "tls-server-name": "kube.example" } },
      { allowStaticCredentials: true },
    );
    expect(access).toMatchObject({
      server: "https://127.0.0.1:6443",
      certificateAuthority: "PEM",
      serverName: "kube.example",
    });
    expect((await access.token?.())?.value).toBe("t");
  });

  it.each([
    ["a token", { token: "t" }],
    ["a client certificate", { "client-certificate-data": "QQ==", "client-key-data": "QQ==" }],
  ])("with %s needs allowStaticCredentials", async (what, user) => {
    await expect(open({ user })).rejects.toMatchObject({
      code: "config",
      message: expect.stringMatching(`holds ${what}, which is a static key`) as string,
    });
    expect(await open({ user }, { allowStaticCredentials: true })).toBeDefined();
  });

  it("takes a token file whose token ends, and reads it again; one that never ends is static", async () => {
    const folder = await folders.make();
    const file = path.join(folder, "token");
    await writeFile(file, `${jwt({ exp: 1_800_000_000, n: 1 })}\n`);
    const access = await open({ user: { tokenFile: "token" } }, { home: "aws" }, folder);
    const first = (await access.token?.())?.value;
    await writeFile(file, jwt({ exp: 1_800_000_000, n: 2 }));
    expect((await access.token?.())?.value).toBe(first);
    expect((await access.token?.(first))?.value).toBe(jwt({ exp: 1_800_000_000, n: 2 }));

    await writeFile(file, jwt({ sub: "legacy" }));
    await expect(open({ user: { tokenFile: "token" } }, {}, folder)).rejects.toThrow(
      "a tokenFile whose token never ends",
    );
  });

  it.each([
    [{ cluster: { "insecure-skip-tls-verify": true } }, "does not check the server's certificate"],
    [{ cluster: { "proxy-url": "http://proxy" } }, "goes through a proxy"],
    [{ user: { as: "admin" } }, "acts as somebody else"],
    [{ user: { username: "a", password: "b" } }, "has a password"],
    [{ user: { "auth-provider": { name: "gcp" } } }, "uses an auth-provider"],
    [{ user: {} }, "has neither exec, tokenFile, token nor a client certificate"],
  ])("is refused when it is not what it looks like (%#)", async (parts, message) => {
    await expect(open(parts, { allowStaticCredentials: true })).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining(message) as string,
    });
  });

  it("names the contexts that there are, and says what is no kubeconfig", async () => {
    await expect(open({}, { context: "prod" })).rejects.toThrow("there is no context prod; there are: dev");
    const file = path.join(await folders.make(), "config");
    const options = { file, clock, allowStaticCredentials: false, home: "local", environment: {} } as const;
    await expect(openKubeconfig(options)).rejects.toThrow("the kubeconfig cannot be read");
    await writeFile(file, "clusters: 3");
    await expect(openKubeconfig(options)).rejects.toThrow("not a kubeconfig");
    await writeFile(file, "a: [");
    await expect(openKubeconfig(options)).rejects.toThrow("not YAML");
  });
});

describe("an exec plugin", () => {
  const exec = (command: string, more: object = {}) => ({
    exec: { apiVersion: "client.authentication.k8s.io/v1", command, ...more },
  });

  it("is run on a person's machine, with its arguments, its variables and what it has to know", async () => {
    const folder = await folders.make();
    const command = await program(folder, "plugin", [
      'echo "$KUBERNETES_EXEC_INFO" > info.json',
      "n=$(cat count 2>/dev/null || echo 0); n=$((n+1)); echo $n > count",
      `printf '{"kind":"ExecCredential","status":{"token":"%s-%s-%s","expirationTimestamp":"2026-11-22T07:00:00Z"}}' "$1" "$WHO" $n`,
    ]);
    const user = exec(command, { args: ["tok"], env: [{ name: "WHO", value: "me" }], provideClusterInfo: true });
    const cwd = process.cwd();
    process.chdir(folder);
    try {
      const access = await open({ user, certificateAuthority: "PEM" }, {}, folder);
      expect(await access.token?.()).toEqual({ value: "tok-me-1", expiresAt: new Date("2026-11-22T07:00:00Z") });
      expect((await access.token?.())?.value).toBe("tok-me-1");
      expect((await access.token?.("tok-me-1"))?.value).toBe("tok-me-2");
    } finally {
      process.chdir(cwd);
    }
  });

  it("is not run anywhere else", async () => {
    await expect(open({ user: exec("aws") }, { home: "gcp" })).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining(
        "runs aws for its credentials, which is done on a person's machine only",
      ) as string,
    });
  });

  it.each([
    ["exit 3", "gave no credential"],
    ["echo nonsense", "gave no JSON"],
    ["echo '{}'", "gave no ExecCredential"],
    [`echo '{"status":{}}'`, "gave neither a token nor a certificate"],
  ])("that does %s is told", async (line, message) => {
    const folder = await folders.make();
    const command = await program(folder, "plugin", [line]);
    await expect(open({ user: exec(command) }, {}, folder)).rejects.toThrow(message);
  });

  it("that is missing is told with the hint how to get it", async () => {
    const user = exec("/no/such/program", { installHint: "Install it with brew." });
    await expect(open({ user })).rejects.toThrow("Install it with brew.");
  });
});

describe("a client certificate", () => {
  it("is shown to the server, without any token", async () => {
    const own = createCertificate();
    const client = createCertificate();
    const seen: unknown[] = [];
    const kube = createServer({ ...own, ca: client.cert, requestCert: true }, (request, response) => {
      seen.push([(request.socket as TLSSocket).authorized, request.headers.authorization]);
      response.end(JSON.stringify({ gitVersion: "v1.37.0" }));
    });
    await new Promise<void>((resolve) => kube.listen(0, "127.0.0.1", resolve));
    try {
      const user = {
        "client-certificate-data": Buffer.from(client.cert).toString("base64"),
        "client-key-data": Buffer.from(client.key).toString("base64"),
      };
      const address = `https://127.0.0.1:${(kube.address() as AddressInfo).port}`;
      const access = await open(
        { server: address, certificateAuthority: own.cert, user },
        { allowStaticCredentials: true },
      );
      const stub = await startStub(() => ({ status: 200 }));
      expect(await clientOf(stub, { access }).version()).toBe("v1.37.0");
      expect(seen).toEqual([[true, undefined]]);
    } finally {
      kube.closeAllConnections();
      kube.close();
    }
  });
});
