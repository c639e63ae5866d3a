/** Of GenOps, as in package.json: what it calls itself towards others. */
export const VERSION = "0.1.0";
