// Exact decimal arithmetic on BigInt for what people type: "1 234,50" is 123450 hundredths. Never a float.

const GROUPS = /[\s\u00a0\u202f]/g;
const DECIMAL = /^-?\d+(?:[.,]\d{0,2})?$/;

/** Hundredths of a typed number, 0n for an empty field, null for anything that is not a number. */
export function hundredths(text) {
  const typed = text.replace(GROUPS, "").replace("€", "");
  if (typed === "") return 0n;
  if (!DECIMAL.test(typed)) return null;
  const [whole, part = ""] = typed.replace(",", ".").split(".");
  const digits = BigInt(whole.replace("-", "") + part.padEnd(2, "0"));
  return whole.startsWith("-") ? -digits : digits;
}

/** Divide two BigInt, half up for what is shown. */
export function divided(value, by) {
  const negative = value < 0n;
  const quotient = ((negative ? -value : value) * 2n + by) / (by * 2n);
  return negative ? -quotient : quotient;
}

function grouped(digits) {
  return digits.replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** Cents as the pages write them: "112 500 €", "7 724,95 €". */
export function euros(cents) {
  const sign = cents < 0n ? "−" : "";
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, "0");
  const part = digits.slice(-2);
  return `${sign}${grouped(digits.slice(0, -2))}${part === "00" ? "" : `,${part}`}\u00a0€`;
}

/** Hundredths with two decimals: "76,67". */
export function mark(value) {
  const digits = value.toString().padStart(3, "0");
  return `${grouped(digits.slice(0, -2))},${digits.slice(-2)}`;
}
