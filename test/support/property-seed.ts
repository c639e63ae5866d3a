// Property tests explore with a new seed at every run, except where a run decides whether a change lands: there the same change must
// get the same answer twice.
if (process.env["CI"] === "true") {
  const fc = await import("fast-check");
  fc.configureGlobal({ seed: 20_240_930 });
}
