import { type Asked, json, type Reply, serve, type TestServer } from "../identity/server.ts";
import { checkSignature } from "../identity/sigv4.ts";

export const AWS_KEYS = { accessKeyId: "ASIAGENOPS", secretAccessKey: "secret", sessionToken: "session" };

export interface AwsBilling extends TestServer {
  /** Status of the one action, as AWS names it. */
  action: { status: string; type: string };
  /** The one node group. */
  group: {
    status: string;
    modifiedAt: number;
    scalingConfig: { minSize: number; maxSize: number; desiredSize: number };
  };
  /** Rights that IAM denies, in calls and simulations. */
  denied: Set<string>;
  /** IAM does not answer simulations. */
  noSimulation: boolean;
  /** The next calls are answered with these. */
  faults: Reply[];
  /** What was carried out, in order. */
  done: string[];
  /** Ends what is under way. */
  settle(): void;
}

const ACTION = "11111111-2222-3333-4444-555555555555";
export const BUDGET_ACTION = {
  kind: "aws-budget-action",
  accountId: "123456789012",
  budgetName: "monthly spend",
  actionId: ACTION,
} as const;

/**
 * AWS Budgets (JSON 1.1), EKS node groups (REST), STS and IAM (Query) on one port, told apart by the signature's service. Every request's
 * signature is checked by the written rules.
 */
export async function serveAwsBilling(now: () => Date): Promise<AwsBilling> {
  const tokens = new Set<string>();
  const answer = (asked: Asked): Reply => {
    const checked = checkSignature(asked, { [AWS_KEYS.accessKeyId]: AWS_KEYS }, now());
    if (checked.fault !== undefined) return exception(400, checked.fault);
    const fault = world.faults.shift();
    if (fault !== undefined) return fault;
    const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(asked.headers["authorization"] ?? "")?.[1];
    if (service === "budgets") return budgets(asked);
    if (service === "eks") return eks(asked);
    return query(new URLSearchParams(asked.body));
  };

  function budgets(asked: Asked): Reply {
    const operation = asked.headers["x-amz-target"]?.replace("AWSBudgetServiceGateway.", "") ?? "";
    if (asked.headers["content-type"] !== "application/x-amz-json-1.1") return exception(400, "SerializationException");
    if (world.denied.has(`budgets:${operation}`)) return exception(400, "AccessDeniedException");
    const body: Record<string, string> = JSON.parse(asked.body);
    if (body["ActionId"] !== ACTION || body["BudgetName"] !== BUDGET_ACTION.budgetName)
      return exception(400, "NotFoundException");
    if (operation === "ExecuteBudgetAction") return execute(body["ExecutionType"] ?? "", body);
    const { accountId: AccountId, budgetName: BudgetName } = BUDGET_ACTION;
    const action = { ActionId: ACTION, BudgetName, Status: world.action.status, ActionType: world.action.type };
    return json(200, { AccountId, BudgetName, Action: { ...action, ApprovalModel: "MANUAL", Subscribers: [] } });
  }

  /** AWS's table of states. */
  const MOVES: Readonly<Record<string, readonly [from: RegExp, to: string]>> = {
    APPROVE_BUDGET_ACTION: [/^PENDING$/, "EXECUTION_IN_PROGRESS"],
    RETRY_BUDGET_ACTION: [/^EXECUTION_FAILURE$/, "EXECUTION_IN_PROGRESS"],
    REVERSE_BUDGET_ACTION: [/^(EXECUTION_SUCCESS|REVERSE_FAILURE)$/, "REVERSE_IN_PROGRESS"],
    RESET_BUDGET_ACTION: [/^(REVERSE_SUCCESS|RESET_FAILURE)$/, "RESET_IN_PROGRESS"],
  };

  function execute(type: string, body: Record<string, string>): Reply {
    const move = MOVES[type];
    if (move === undefined) return exception(400, "InvalidParameterException");
    if (!move[0].test(world.action.status)) return exception(400, "ResourceLockedException");
    world.action.status = move[1];
    world.done.push(type);
    return json(200, body);
  }

  function eks({ method, url, body }: Asked): Reply {
    const path = decodeURIComponent(url.pathname);
    if (!path.startsWith("/clusters/demo/node-groups/gpu")) return exception(404, "ResourceNotFoundException");
    const right = method === "GET" ? "eks:DescribeNodegroup" : "eks:UpdateNodegroupConfig";
    if (world.denied.has(right)) return exception(403, "AccessDeniedException");
    if (method === "GET") {
      const nodegroupArn = "arn:aws:eks:eu-central-1:123456789012:nodegroup/demo/gpu/1";
      return json(200, { nodegroup: { nodegroupName: "gpu", nodegroupArn, ...world.group } });
    }
    const wanted: { scalingConfig: AwsBilling["group"]["scalingConfig"]; clientRequestToken: string } =
      JSON.parse(body);
    const update = json(200, { update: { id: "u", status: "InProgress", type: "ConfigUpdate" } });
    if (tokens.has(wanted.clientRequestToken)) return update;
    if (world.group.status !== "ACTIVE") return exception(409, "ResourceInUseException");
    if (wanted.scalingConfig.maxSize < 1) return exception(400, "InvalidParameterException");
    tokens.add(wanted.clientRequestToken);
    world.done.push(JSON.stringify(wanted.scalingConfig));
    world.group = { status: "UPDATING", modifiedAt: world.group.modifiedAt + 1, scalingConfig: wanted.scalingConfig };
    return update;
  }

  function query(form: URLSearchParams): Reply {
    if (form.get("Action") === "GetCallerIdentity")
      return xml(200, "<Arn>arn:aws:sts::123456789012:assumed-role/genops-enforce/f</Arn>");
    if (world.noSimulation) return xml(403, "<Error><Message>not allowed to simulate</Message></Error>");
    const isSelf = form.get("PolicySourceArn") === "arn:aws:iam::123456789012:role/genops-enforce";
    const isDenied = !isSelf || world.denied.has(form.get("ActionNames.member.1") ?? "");
    return xml(200, `<member><EvalDecision>${isDenied ? "implicitDeny" : "allowed"}</EvalDecision></member>`);
  }

  const world: AwsBilling = {
    ...(await serve(answer)),
    action: { status: "PENDING", type: "APPLY_IAM_POLICY" },
    group: { status: "ACTIVE", modifiedAt: 1_790_000_000, scalingConfig: { minSize: 1, maxSize: 10, desiredSize: 5 } },
    denied: new Set(),
    noSimulation: false,
    faults: [],
    done: [],
    settle() {
      world.group.status = "ACTIVE";
      world.action.status = world.action.status
        .replace("RESET_IN_PROGRESS", "STANDBY")
        .replace("_IN_PROGRESS", "_SUCCESS");
    },
  };
  return world;
}

export function exception(status: number, name: string): Reply {
  return json(status, { __type: `com.amazonaws#${name}`, message: `the stub says ${name}` });
}

function xml(status: number, inner: string): Reply {
  return { status, headers: { "content-type": "text/xml" }, body: `<Response>${inner}</Response>` };
}
