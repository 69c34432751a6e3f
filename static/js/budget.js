// Keeps the totals of a budget, and what each funding rule says of it, up to date while it is typed. The server computes
// them again: this is a reading aid. Figures come from funding.js; this module only reads cells and writes sentences.

import { euros } from "./exact.js";
import { judge, planOf, readLimits, sums } from "./funding.js";

const STATES = { held: ["held", "Respectée"], broken: ["not_held", "Non respectée"], unknown: ["unknown", "À compléter"] };

function rowsOf(region, kind) {
  return [...region.querySelectorAll(`[data-kind="${kind}"] [data-rows] > [data-row]`)];
}

const typed = (row, hook) => row.querySelector(`[data-${hook}]`)?.value ?? "";

function lineOf(row) {
  return {
    key: typed(row, "key"),
    label: typed(row, "name"),
    category: typed(row, "category"),
    quantity: typed(row, "quantity"),
    price: typed(row, "price"),
    requested: typed(row, "requested"),
    quoted: row.querySelector("[data-quote]")?.checked ?? row.querySelector("[data-joined]") !== null,
    reference: typed(row, "reference"),
  };
}

function funderOf(row) {
  return { kind: typed(row, "funding-kind"), amount: typed(row, "income"), earmarked: typed(row, "earmarked") };
}

function show(region, name, value) {
  for (const output of region.querySelectorAll(`[data-total="${name}"]`)) output.textContent = euros(value);
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text; // a status that did not change is not read again
}

function balance(line, spent, funded) {
  const gap = spent - funded;
  line.classList.toggle("aap-balance--off", gap !== 0n || spent === 0n);
  const both = `${euros(spent)} de dépenses, ${euros(funded)} de financements.`;
  if (spent === 0n && funded === 0n) say(line, "Rien n’est encore chiffré.");
  else if (gap === 0n) say(line, `Dépenses et financements sont équilibrés\u00a0: ${euros(spent)}.`);
  else if (gap > 0n) say(line, `Il manque ${euros(gap)} de financement\u00a0: ${both}`);
  else say(line, `Les financements dépassent les dépenses de ${euros(-gap)}\u00a0: ${both}`);
}

function showRule(region, { key, outcome, sentence }) {
  const item = region.querySelector(`[data-rule="${CSS.escape(key)}"]`);
  if (!item) return;
  const [state, words] = STATES[outcome];
  item.className = `aap-rules__${state}`;
  say(item.querySelector("[data-rule-state]"), words);
  say(item.querySelector("[data-rule-why]"), sentence);
}

function refresh(region, limits) {
  const rows = rowsOf(region, "expenses");
  const plan = planOf(rows.map(lineOf), rowsOf(region, "income").map(funderOf));
  rows.forEach((row, index) => {
    const { readable, amount } = plan.lines[index];
    say(row.querySelector("[data-amount]"), readable ? euros(amount) : "–");
  });
  const totals = sums(plan);
  show(region, "expenses", totals.expenses);
  show(region, "requested", totals.requested);
  show(region, "income", totals.income);
  const line = region.querySelector("[data-balance]");
  if (line) balance(line, totals.expenses, totals.income);
  for (const one of judge(limits, plan)) showRule(region, one);
}

const limitsOf = (region) => (region.dataset.limits ? readLimits(region.dataset.limits) : []);
const pauses = new WeakMap();

// The server may draw a budget again after this module came: one listener for all.
document.addEventListener("input", (event) => {
  const region = event.target.closest?.("[data-budget]");
  if (!region) return;
  clearTimeout(pauses.get(region));
  pauses.set(region, setTimeout(() => refresh(region, limitsOf(region)), 150));
});
document.addEventListener("aap:added", (event) => {
  for (const region of event.target.querySelectorAll?.("[data-budget]") ?? []) refresh(region, limitsOf(region));
});
for (const region of document.querySelectorAll("[data-budget]")) refresh(region, limitsOf(region)); // put back by the browser

// A table pasted into a cell is read as a table: it goes where tables are pasted, and the server says what it understood.
document.addEventListener("paste", (event) => {
  const cell = event.target.closest?.("[data-budget] [data-rows] input");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!cell || !/\t|\n./.test(text.trim())) return;
  const base = cell.closest("[data-repeat]").dataset.repeat;
  const block = document.querySelector(`[data-paste="${CSS.escape(base)}"]`);
  if (!block) return;
  event.preventDefault();
  block.open = true;
  const area = block.querySelector("textarea");
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.form.requestSubmit(block.querySelector('button[name="paste"]'));
});

document.querySelector("[data-preview]")?.focus();
