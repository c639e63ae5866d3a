import type { Grant, StoreGrants } from "../../ports/permissions.ts";

const MEMBER = "--member=serviceAccount:<GenOps' service account>";

/** For `gs://bucket/prefix`. */
export function gcsGrants(location: string): StoreGrants {
  const [bucket = ""] = location.replace(/^gs:\/\//i, "").split("/");
  const bind = (role: string): Grant => ({
    right: role,
    how: `gcloud storage buckets add-iam-policy-binding gs://${bucket} ${MEMBER} --role=${role}`,
  });
  const viewer = bind("roles/storage.objectViewer");
  const user = bind("roles/storage.objectUser");
  return { list: viewer, read: viewer, write: user, delete: user };
}

/** For a billing export's table, read by queries that `project` pays for. */
export function bigQueryGrant(project: string, table: string): Grant {
  const [owner = project, dataset = ""] = table.split(".");
  return {
    right: "roles/bigquery.jobUser and roles/bigquery.dataViewer",
    how: `gcloud projects add-iam-policy-binding ${project} ${MEMBER} --role=roles/bigquery.jobUser; and on the dataset: GRANT \`roles/bigquery.dataViewer\` ON SCHEMA \`${owner}.${dataset}\` TO "serviceAccount:<GenOps' service account>"`,
  };
}

/** For a Pub/Sub topic by its full name. */
export function topicGrant(topic: string): Grant {
  const [, project, , name] = topic.split("/");
  return {
    right: "roles/pubsub.publisher",
    how: `gcloud pubsub topics add-iam-policy-binding ${name} --project=${project} ${MEMBER} --role=roles/pubsub.publisher`,
  };
}

/** For a pool that another cloud's function signs in to. */
export function federatedGrant(provider: string): Grant {
  return {
    right: "workload identity federation",
    how: `for the provider ${provider}: see "Trust in Google Cloud" in docs/identity.md`,
  };
}

export const SIGN_IN_GRANT: Grant = {
  right: "an identity at Google",
  how: "at Google: run the function as a service account of its own; on your machine: gcloud auth application-default login; elsewhere: credentials.gcp",
};
