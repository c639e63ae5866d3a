import { KubeFailure } from "./failure.ts";
import { clone, equal, isTree } from "./tree.ts";

type Parent = { holder: unknown; key: string };

/** RFC 6902. An operation that cannot be carried out, a failed `test` among them, is 422 as the API server says it. */
export function jsonPatch(target: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw rejected();
  return operations.reduce<unknown>(operate, clone(target));
}

function rejected(): KubeFailure {
  return new KubeFailure(422, "Invalid", "the server rejected our request due to an error in our request");
}

function operate(root: unknown, operation: unknown): unknown {
  if (!isTree(operation)) throw rejected();
  const { op, path, from, value } = operation;
  switch (op) {
    case "test":
      if (!equal(read(root, path), value)) throw rejected();
      return root;
    case "add":
      return add(root, path, clone(value));
    case "remove":
      return remove(root, path);
    case "replace":
      // A missing key of an object is added, as the library of the API server does it: only `test` asks what is there.
      return path === "" ? clone(value) : put(root, path, clone(value));
    case "move": {
      const moved = clone(read(root, from));
      return add(remove(root, from), path, moved);
    }
    case "copy":
      return add(root, path, clone(read(root, from)));
    default:
      throw rejected();
  }
}

function keysOf(path: unknown): string[] {
  if (typeof path !== "string" || (path !== "" && !path.startsWith("/"))) throw rejected();
  return path
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function child(holder: unknown, key: string): unknown {
  const found = Array.isArray(holder)
    ? holder[index(key, holder.length - 1)]
    : isTree(holder)
      ? holder[key]
      : undefined;
  if (found === undefined) throw rejected();
  return found;
}

function index(key: string, last: number): number {
  const number = /^\d+$/.test(key) ? Number(key) : -1;
  if (number < 0 || number > last) throw rejected();
  return number;
}

function read(root: unknown, path: unknown): unknown {
  return keysOf(path).reduce(child, root);
}

function parentOf(root: unknown, path: unknown): Parent {
  const keys = keysOf(path);
  return { holder: keys.slice(0, -1).reduce(child, root), key: keys.at(-1) ?? "" };
}

function add(root: unknown, path: unknown, value: unknown): unknown {
  if (path === "") return value;
  const { holder, key } = parentOf(root, path);
  if (Array.isArray(holder)) holder.splice(key === "-" ? holder.length : index(key, holder.length), 0, value);
  else if (isTree(holder)) holder[key] = value;
  else throw rejected();
  return root;
}

function put(root: unknown, path: unknown, value: unknown): unknown {
  const { holder, key } = parentOf(root, path);
  if (Array.isArray(holder)) holder[index(key, holder.length - 1)] = value;
  else if (isTree(holder)) holder[key] = value;
  else throw rejected();
  return root;
}

function remove(root: unknown, path: unknown): unknown {
  read(root, path);
  const { holder, key } = parentOf(root, path);
  if (Array.isArray(holder)) holder.splice(index(key, holder.length - 1), 1);
  else if (isTree(holder)) delete holder[key];
  return root;
}
