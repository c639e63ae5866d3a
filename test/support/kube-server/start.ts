import type { IncomingMessage } from "node:http";
import { createCertificate } from "../identity/certificate.ts";
import { type Access, createAccess } from "./access.ts";
import { createApi } from "./api.ts";
import { allControllers } from "./controllers/index.ts";
import { KubeFailure } from "./failure.ts";
import { createFaults, type Faults, matchesRequest, type RequestMatch } from "./faults.ts";
import { createHandler } from "./handle.ts";
import { createPolicies, type Policies } from "./policies.ts";
import { ANONYMOUS, type KubeRequest } from "./request.ts";
import { createKinds, type Kinds } from "./resources.ts";
import { createSetup, type Setup } from "./setup.ts";
import { createStore } from "./store.ts";
import { createTransport } from "./transport.ts";
import type { Caller } from "./types.ts";
import { createLoop, createWorld } from "./world.ts";

export interface KubeServerOptions {
  name?: string;
  /** Before every answer. */
  latencyMs?: number;
  /** `open` (default): every token may do everything. `rbac`: the admin may, the others as roles and bindings in the server say: the person is bound to cluster-admin, the enforcer to nothing. */
  authorization?: "open" | "rbac";
  /** `always` (default): controllers act within every write, before it is answered. `manual`: only when `settle()` is called. */
  controllers?: "always" | "manual";
  /** Nodes of 4 cpu and 16 GiB that are there from the start, as on the real servers; 3 unless said. */
  nodes?: number;
  /** API groups that this cluster does not serve: `keda.sh`, `karpenter.sh`, … */
  without?: readonly string[];
  now?: () => Date;
}

/** A request that has been answered. */
export interface LoggedRequest extends KubeRequest {
  status: number;
}

export interface KubeServer extends Setup {
  name: string;
  /** `https://127.0.0.1:PORT` */
  url: string;
  /** PEM. */
  certificateAuthority: string;
  tokens: { admin: string; enforcer: string; person: string };
  access: Pick<Access, "issue" | "end">;
  faults: Faults;
  policies: Pick<Policies, "register" | "audited">;
  /** Everything that was answered, in order. */
  requests: LoggedRequest[];
  /** Runs before a request that matches is carried out, every time until the returned function is called. */
  onRequest(match: RequestMatch, hook: (request: KubeRequest) => void | Promise<void>): () => void;
  setLatency(ms: number): void;
  /** Lets controllers act until they are done. */
  settle(): void;
  /** All lists that are being read in pages are forgotten: their next page is 410. */
  expireLists(): void;
  /** The cluster cannot be reached any more … */
  disappear(): Promise<void>;
  /** … and is back, at the same address. */
  reappear(): Promise<void>;
  close(): Promise<void>;
}

/** The three users of every test cluster. */
const PEOPLE: Readonly<Record<"admin" | "enforcer" | "person", Caller>> = {
  admin: { user: "admin", groups: ["system:masters", "system:authenticated"] },
  enforcer: { user: "genops-enforcer", groups: ["genops:enforcer", "system:authenticated"] },
  person: { user: "dev-person", groups: ["system:authenticated"] },
};

const kinds = new Map<string, Kinds>();

function kindsWithout(groups: readonly string[]): Kinds {
  const key = [...groups].sort().join();
  const made = kinds.get(key) ?? createKinds(groups);
  kinds.set(key, made);
  return made;
}

let certificate: ReturnType<typeof createCertificate> | undefined;

/**
 * A Kubernetes API server in this process: real HTTPS, semantics of the reference §2.2–3.5, controllers that act at once and the same way in
 * every run. What it has not: watch, strategic merge patches, schemas (unknown fields stay), nodes that Karpenter launches, and CEL beyond
 * `cel/`. `test/cluster/suites/conformance.ts` runs on it and on the real one.
 */
export async function startKubeServer(options: KubeServerOptions = {}): Promise<KubeServer> {
  const {
    name = "fake",
    authorization = "open",
    controllers = "always",
    without = [],
    now = () => new Date(),
  } = options;
  certificate ??= createCertificate();
  const parts = { store: createStore(), kinds: kindsWithout(without), now };
  const policies = createPolicies(parts.store, parts.kinds);
  const api = createApi({ ...parts, policies });
  const access = createAccess(parts.store, parts.kinds, authorization);
  const handler = createHandler({ ...parts, api, access });
  const loop = createLoop(allControllers(), createWorld({ ...parts, api }));
  const afterWrite = () => (controllers === "always" ? loop.settle() : undefined);
  const faults = createFaults();
  const requests: LoggedRequest[] = [];
  const hooks: { match: RequestMatch; hook: (request: KubeRequest) => void | Promise<void> }[] = [];
  const tokens = {
    admin: access.issue(PEOPLE.admin),
    enforcer: access.issue(PEOPLE.enforcer),
    person: access.issue(PEOPLE.person),
  };
  let latencyMs = options.latencyMs ?? 0;

  const setup = createSetup({ ...parts, api, afterWrite });
  setup.bootstrap(name, options.nodes ?? 3);

  const transport = await createTransport({
    certificate,
    faults,
    latencyMs: () => latencyMs,
    read: (message, body) => readRequest(message, body, access),
    async arrived(request) {
      for (const { match, hook } of [...hooks]) if (matchesRequest(match, request)) await hook(request);
    },
    answer(request) {
      const caller = callerOf(request, access);
      const answer = handler.answer(request, caller);
      if (request.method !== "GET") afterWrite();
      return answer;
    },
    done: (request, status) => void requests.push({ ...request, status }),
  });

  return {
    ...setup,
    name,
    url: `https://127.0.0.1:${transport.port()}`,
    certificateAuthority: certificate.cert,
    tokens,
    access,
    faults,
    policies,
    requests,
    onRequest(match, hook) {
      const entry = { match, hook };
      hooks.push(entry);
      return () => void hooks.splice(hooks.indexOf(entry), 1);
    },
    setLatency(ms) {
      latencyMs = ms;
    },
    settle: loop.settle,
    expireLists: handler.listing.expire,
    disappear: transport.stop,
    reappear: transport.start,
    close: transport.stop,
  };
}

function bearerOf(headers: Readonly<Record<string, string>>): string | undefined {
  return /^Bearer (.+)$/i.exec(headers["authorization"] ?? "")?.[1];
}

function readRequest(message: IncomingMessage, body: string, access: Access): KubeRequest {
  const url = new URL(message.url ?? "/", "https://127.0.0.1");
  const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)]));
  const user = access.callerOf(bearerOf(headers) ?? "")?.user;
  return { method: message.method ?? "", path: url.pathname, query: url.searchParams, headers, body, user };
}

/** A token that nobody knows, or no longer, is 401; no token at all is nobody. */
function callerOf({ headers }: KubeRequest, access: Access): Caller {
  const token = bearerOf(headers);
  if (token === undefined) return ANONYMOUS;
  const caller = access.callerOf(token);
  if (caller === undefined) throw new KubeFailure(401, "Unauthorized", "Unauthorized");
  return caller;
}
