/**
 * Tells `npm run check` how many files knip has looked at, which no reporter of its own does.
 * @param {{counters: {processed: number}}} result
 */
export default function report({ counters }) {
  console.log(`Processed ${counters.processed} files`);
}
