export { formatAmount, formatMoney } from "../../../shared/interfaces/console/money-text.ts";
