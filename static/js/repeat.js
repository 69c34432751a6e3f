// Adds, removes, copies and moves rows of a repeated table without a round trip. The buttons are submit buttons: without this
// module the server does the same. Rows are renumbered so that names, ids and spoken labels stay in order.

const ROW_BUTTONS = "[data-remove], [data-copy], [data-up], [data-down]";

function renumber(block) {
  const name = block.dataset.repeat;
  block.querySelectorAll("[data-rows] > [data-row]").forEach((row, index) => {
    const pattern = new RegExp(`^${name}-\\d+`);
    for (const element of row.querySelectorAll("[name],[id],[for],[aria-describedby],[data-counter],[value]")) {
      for (const attribute of ["name", "id", "for", "aria-describedby", "data-counter"]) {
        const value = element.getAttribute(attribute);
        if (value) element.setAttribute(attribute, value.replace(pattern, `${name}-${index}`));
      }
      if (element.matches(ROW_BUTTONS)) element.value = `${name}-${index}`;
      const said = element.getAttribute("aria-label");
      if (said) element.setAttribute("aria-label", said.replace(/\d+$/, String(index + 1)));
    }
    for (const number of row.querySelectorAll("[data-number]")) number.textContent = String(index + 1);
  });
}

function changed(block) {
  const rows = block.querySelectorAll("[data-rows] > [data-row]").length;
  const max = Number.parseInt(block.dataset.max ?? "0", 10);
  const add = block.querySelector("[data-add]");
  if (max) add.disabled = rows >= max;
  block.dispatchEvent(new Event("input", { bubbles: true }));
}

const blanks = new WeakMap();

// A blank row is the first one emptied: kept, so that a block whose rows were all removed can grow again.
function blank(block) {
  if (!blanks.has(block)) {
    const row = block.querySelector("[data-rows] > [data-row]")?.cloneNode(true);
    if (!row) return null;
    for (const gone of row.querySelectorAll(".aap-error, input[type=hidden], .aap-budget__key, .aap-budget__files, .aap-budget__asked")) gone.remove();
    for (const field of row.querySelectorAll("input, select, textarea")) {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
      if (field.type === "checkbox") field.removeAttribute("checked");
      else if (field.tagName === "SELECT") field.querySelector("[selected]")?.removeAttribute("selected");
      else if (field.tagName === "TEXTAREA") field.textContent = "";
      else field.setAttribute("value", "");
    }
    for (const amount of row.querySelectorAll("[data-amount]")) amount.textContent = "–";
    blanks.set(block, row);
  }
  return blanks.get(block).cloneNode(true);
}

// A clone keeps what was typed in it, not only what the page said.
function empty(row) {
  for (const field of row.querySelectorAll("input, textarea")) {
    if (field.type === "checkbox") field.checked = false;
    else field.value = "";
  }
  for (const select of row.querySelectorAll("select")) select.selectedIndex = 0;
  return row;
}

function add(block) {
  const row = empty(blank(block));
  block.querySelector("[data-rows]").append(row);
  renumber(block);
  row.dispatchEvent(new Event("aap:added", { bubbles: true }));
  changed(block);
  row.querySelector("input, select, textarea")?.focus();
}

function remove(block, row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  renumber(block);
  changed(block);
  (next?.querySelector("[data-remove]") ?? block.querySelector("[data-add]")).focus();
}

// A copy is another row: it takes what was typed, and neither the number nor the errors of the first.
function copy(block, row) {
  const twin = row.cloneNode(true);
  for (const gone of twin.querySelectorAll(".aap-error, input[type=hidden], .aap-budget__key, .aap-budget__files, .aap-budget__asked")) gone.remove();
  for (const field of twin.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
  twin.querySelectorAll("select").forEach((select, index) => {
    select.selectedIndex = row.querySelectorAll("select")[index].selectedIndex;
  });
  row.after(twin);
  renumber(block);
  twin.dispatchEvent(new Event("aap:added", { bubbles: true }));
  changed(block);
  twin.querySelector("input, select, textarea")?.focus();
}

function move(block, row, button) {
  const [other, place] = button.hasAttribute("data-up") ? [row.previousElementSibling, "before"] : [row.nextElementSibling, "after"];
  if (!other) return;
  other[place](row);
  renumber(block);
  changed(block);
  button.focus();
}

// Rows also arrive with pages fetched later: one listener for all.
document.addEventListener("click", (event) => {
  const button = event.target.closest(`[data-add], ${ROW_BUTTONS}`);
  const block = button?.closest("[data-repeat]");
  if (!block || !blank(block)) return;
  event.preventDefault();
  const row = button.closest("[data-row]");
  if (button.hasAttribute("data-add")) add(block);
  else if (button.hasAttribute("data-remove")) remove(block, row);
  else if (button.hasAttribute("data-copy")) copy(block, row);
  else move(block, row, button);
});
