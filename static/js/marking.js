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

for (const grid of document.querySelectorAll("[data-marking]")) {
  grid.addEventListener("change", () => refresh(grid));
  // Marks chosen before this script came, or put back by the browser.
  if ([...grid.querySelectorAll("[data-criterion]")].some(chosen)) refresh(grid);
}
