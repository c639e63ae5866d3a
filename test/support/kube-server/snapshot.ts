import type { KubeObject } from "./types.ts";

/** An object without what the server and its controllers add by themselves: the rest is what people and tools wrote, and the uid. */
export function stripped(object: KubeObject): KubeObject {
  const { status: _status, ...rest } = object;
  const { resourceVersion: _version, managedFields: _fields, generation: _generation, ...metadata } = object.metadata;
  return { ...rest, metadata } as KubeObject;
}
