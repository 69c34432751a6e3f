// Keeps the totals of a budget up to date while it is typed. The server computes them again: this is a reading aid.

import { divided, euros, hundredths } from "./exact.js";

function typed(row, hook) {
  const field = row.querySelector(`[data-${hook}]`);
  return field ? hundredths(field.value) : 0n;
}

function expenses(block) {
  let total = 0n;
  let requested = 0n;
  for (const row of block.querySelectorAll("[data-rows] > [data-row]")) {
    const quantity = typed(row, "quantity");
    const price = typed(row, "price");
    const known = quantity !== null && price !== null;
    // hundredths of a quantity by cents make ten-thousandths: back to cents, half up
    const amount = known ? divided(quantity * price, 100n) : 0n;
    row.querySelector("[data-amount]").textContent = known ? euros(amount) : "–";
    total += amount;
    requested += typed(row, "requested") ?? 0n;
  }
  return { total, requested };
}

function income(block) {
  let total = 0n;
  for (const row of block.querySelectorAll("[data-rows] > [data-row]")) total += typed(row, "income") ?? 0n;
  return total;
}

function show(region, name, value) {
  for (const output of region.querySelectorAll(`[data-total="${name}"]`)) output.textContent = euros(value);
}

function balance(line, spent, funded) {
  const gap = spent - funded;
  line.classList.toggle("aap-balance--off", gap !== 0n || spent === 0n);
  if (spent === 0n && funded === 0n) line.textContent = "Rien n'est encore chiffré.";
  else if (gap === 0n) line.textContent = `Dépenses et financements sont équilibrés\u00a0: ${euros(spent)}.`;
  else {
    const both = `${euros(spent)} de dépenses, ${euros(funded)} de financements.`;
    line.textContent = gap > 0n
      ? `Il manque ${euros(gap)} de financement\u00a0: ${both}`
      : `Les financements dépassent les dépenses de ${euros(-gap)}\u00a0: ${both}`;
  }
}

function refresh(region) {
  let spent = 0n;
  let funded = 0n;
  let asked = 0n;
  for (const block of region.querySelectorAll('[data-kind="expenses"]')) {
    const sums = expenses(block);
    spent += sums.total;
    asked += sums.requested;
  }
  for (const block of region.querySelectorAll('[data-kind="income"]')) funded += income(block);
  show(region, "expenses", spent);
  show(region, "requested", asked);
  show(region, "income", funded);
  const line = region.querySelector("[data-balance]");
  if (line) balance(line, spent, funded);
}

for (const region of document.querySelectorAll("[data-budget]")) {
  let pause;
  region.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => refresh(region), 150);
  });
  refresh(region); // what was typed before this script came, or put back by the browser
}
