/** Secrets by name: `${secret:NAME}` and `${env:NAME}` of the configuration. */
export interface Secrets {
  /** The value, or `undefined` when there is none. */
  read(kind: "env" | "secret", name: string): string | undefined;
}
