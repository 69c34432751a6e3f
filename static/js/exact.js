// Exact decimal arithmetic on BigInt for what people type: "1 234,50" is 123450 hundredths. Never a float.

const GROUPS = /[\s\u00a0\u2007\u2009\u202f\u2060'’]/g;
const NUMBER = /^([+-]?)(\d*)(?:[.,](\d*))?$/;

/** Thousandths, hundredths… of a typed number: 0n for an empty field, null for anything that is not such a number. */
export function scaled(text, decimals, unit = "") {
  let typed = text.replace(GROUPS, "").replace("\u2212", "-");
  if (unit && typed.endsWith(unit)) typed = typed.slice(0, -unit.length);
  if (typed === "") return 0n;
  const found = NUMBER.exec(typed);
  if (!found || !(found[2] || found[3])) return null;
  const whole = found[2].replace(/^0+/, "");
  const part = (found[3] ?? "").replace(/0+$/, "");
  if (whole.length > 12 || part.length > decimals) return null;
  const digits = BigInt(`${whole}${part.padEnd(decimals, "0")}` || "0");
  return found[1] === "-" ? -digits : digits;
}

/** Hundredths of a typed number, as ``scaled``. */
export function hundredths(text) {
  return scaled(text, 2, "€");
}

/** Divide two BigInt, half up for what is shown. */
export function divided(value, by) {
  const negative = value < 0n;
  const quotient = ((negative ? -value : value) * 2n + by) / (by * 2n);
  return negative ? -quotient : quotient;
}

/** Cents of a line: thousandths of a quantity by cents make hundred-thousandths, back to cents, half up. */
export function amountOf(quantity, price) {
  return divided(quantity * price, 1000n);
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

/** The share of a part in a base (above nought) as a percentage with two decimals: "73,15 %". */
export function percent(part, base) {
  const value = divided(part * 10000n, base);
  return `${value < 0n ? "−" : ""}${mark(value < 0n ? -value : value)}\u00a0%`;
}
