// Shows the total of a grid while it is filled: scale x sum(weight x (mark - min) / (max - min)) / sum(weights),
// "sans objet" left out of both sums. Exact fractions of BigInt; the server computes the total that counts.

import { divided, hundredths, mark } from "./exact.js";

function chosen(criterion) {
  const field = criterion.querySelector('input[type="radio"]:checked, select');
  return field ? field.value : "";
}

function refresh(grid) {
  let sum = [0n, 1n]; // a fraction: numerator, denominator
  let weights = 0n;
  let left = 0;
  for (const criterion of grid.querySelectorAll("[data-criterion]")) {
    const weight = hundredths(criterion.dataset.weight) ?? 0n;
    const value = chosen(criterion);
    if (value === "na" || weight === 0n) continue;
    weights += weight;
    if (value === "") { left += 1; continue; }
    const low = hundredths(criterion.dataset.min);
    const top = (hundredths(value) - low) * weight;
    const bottom = hundredths(criterion.dataset.max) - low;
    sum = [sum[0] * bottom + top * sum[1], sum[1] * bottom];
  }
  const scale = hundredths(grid.dataset.scaleTo);
  const total = weights ? divided(scale * sum[0], sum[1] * weights) : 0n;
  for (const output of grid.querySelectorAll("[data-marking-total]")) output.textContent = mark(total);
  for (const line of grid.querySelectorAll("[data-marking-left]")) {
    line.textContent = left === 0 ? "" : left === 1 ? "1 critère reste à noter" : `${left} critères restent à noter`;
  }
}

// Inside a criterion, digits choose the mark: "4", "1" then "0" for ten, "4,5" by halves. Not while a comment is typed.
let typed = "";
let typedAt = 0;

function choose(event) {
  const criterion = event.target.closest("[data-criterion]");
  if (!criterion || event.target.type !== "radio" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!/^[0-9,.]$/.test(event.key)) return;
  typed = (event.timeStamp - typedAt < 800 ? typed : "") + event.key.replace(".", ",");
  typedAt = event.timeStamp;
  const marks = [...criterion.querySelectorAll('input[type="radio"]')];
  const wanted = marks.find((one) => one.value === typed) ?? marks.find((one) => one.value === event.key);
  if (!wanted) return;
  event.preventDefault();
  wanted.focus();
  if (!wanted.checked) wanted.click();
}

for (const grid of document.querySelectorAll("[data-marking]")) {
  grid.addEventListener("change", () => refresh(grid));
  grid.addEventListener("keydown", choose);
  // Marks chosen before this script came, or put back by the browser.
  if ([...grid.querySelectorAll("[data-criterion]")].some(chosen)) refresh(grid);
}
for (const hint of document.querySelectorAll("[data-marking-keys]")) hint.hidden = false;
