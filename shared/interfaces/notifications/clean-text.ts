export { cleanText, cutText, encodeWithin } from "../../core/clean-text.ts";
