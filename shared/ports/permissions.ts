/** A right in its cloud's own words, and how a person gives it. */
export interface Grant {
  /** `s3:PutObject`, `Storage Blob Data Contributor`, `roles/storage.objectUser` */
  right: string;
  /** A policy statement or a command, ready to be filled in. */
  how: string;
}

export type Asked =
  /** The call was allowed. */
  | { outcome: "granted"; detail: string }
  /** Nothing was learned, and why. */
  | { outcome: "unchecked"; detail: string };

/** One right, and the cheapest call that needs it. Changes nothing that stays. */
export interface PermissionCheck {
  /** `lake s3://bucket/prefix: write` */
  what: string;
  grant: Grant;
  /** Throws what the cloud's answer amounts to when the call is not allowed, or fails otherwise. */
  ask(): Promise<Asked>;
}

/** What a lake or a place of bills takes, by what is done there. */
export interface StoreGrants {
  list: Grant;
  read: Grant;
  write: Grant;
  delete: Grant;
}
