// Adds and removes rows of a repeated table without a round trip. The buttons are submit buttons: without this
// module the server does the same. Rows are renumbered so that names, ids and spoken labels stay in order.

const MARK = /__i__/g;

function renumber(block) {
  const name = block.dataset.repeat;
  block.querySelectorAll("[data-rows] > [data-row]").forEach((row, index) => {
    const pattern = new RegExp(`^${name}-\\d+`);
    for (const element of row.querySelectorAll("[name],[id],[for],[aria-describedby],[data-counter],[value]")) {
      for (const attribute of ["name", "id", "for", "aria-describedby", "data-counter"]) {
        const value = element.getAttribute(attribute);
        if (value) element.setAttribute(attribute, value.replace(pattern, `${name}-${index}`));
      }
      if (element.hasAttribute("data-remove")) element.value = `${name}-${index}`;
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

function add(block) {
  const rows = block.querySelector("[data-rows]");
  const index = rows.querySelectorAll(":scope > [data-row]").length;
  const html = block.querySelector("template").innerHTML.replace(MARK, String(index)).replace(/__n__/g, String(index + 1));
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const row = holder.content.querySelector("[data-row]");
  rows.append(row);
  row.dispatchEvent(new Event("aap:added", { bubbles: true }));
  changed(block);
  row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

function remove(block, row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  renumber(block);
  changed(block);
  (next?.querySelector("[data-remove]") ?? block.querySelector("[data-add]")).focus();
}

// Rows also arrive with pages fetched later: one listener for all.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add], [data-remove]");
  const block = button?.closest("[data-repeat]");
  if (!block) return;
  event.preventDefault();
  if (button.hasAttribute("data-add")) add(block);
  else remove(block, button.closest("[data-row]"));
});
