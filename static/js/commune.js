// Offers communes while one is typed, as a list driven by the keyboard. Without this module the "Chercher" button brings
// the page back with the same list.

const WAIT = 220; // milliseconds after the last key
let open = null; // { input, list, rows, active }
let asked = 0;
let timer = 0;

const spoken = document.createElement("p");
spoken.className = "fr-sr-only";
spoken.setAttribute("role", "status");
document.body.append(spoken);

function prepare(input) {
  if (input.getAttribute("role") === "combobox") return;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
}

function close() {
  if (!open) return;
  const { input, list } = open;
  list.remove();
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-controls");
  input.removeAttribute("aria-activedescendant");
  open = null;
}

function choose(index) {
  const { input, rows } = open;
  const row = rows[index];
  input.value = row.label;
  const changed = [input];
  for (const column of input.dataset.commune === "alone" ? [] : ["department", "territory"]) {
    const field = row[column] && input.form.elements.namedItem(input.name.replace(/commune$/, column));
    if (!field) continue;
    field.value = row[column];
    changed.push(field);
  }
  close();
  asked += 1; // an answer still on its way comes too late
  for (const field of changed) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  clearTimeout(timer);
  spoken.textContent = `${row.label} choisi. ${row.hint}`;
}

function activate(index) {
  const options = [...open.list.children];
  open.active = (index + options.length) % options.length;
  options.forEach((option, at) => option.setAttribute("aria-selected", String(at === open.active)));
  open.input.setAttribute("aria-activedescendant", options[open.active].id);
  options[open.active].scrollIntoView({ block: "nearest" });
}

function show(input, rows, found) {
  close();
  const list = document.createElement("ul");
  list.className = "aap-options";
  list.id = `${input.id}-options`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Communes");
  rows.forEach((row, index) => {
    const option = document.createElement("li");
    option.id = `${list.id}-${index}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const name = document.createElement("span");
    name.textContent = row.label;
    const hint = document.createElement("span");
    hint.className = "fr-hint-text";
    hint.textContent = row.hint;
    option.append(name, hint);
    list.append(option);
  });
  input.closest(".aap-commune").append(list);
  input.setAttribute("aria-expanded", "true");
  input.setAttribute("aria-controls", list.id);
  open = { input, list, rows, active: -1 };
  spoken.textContent = found ? `${found} ${found > 1 ? "communes" : "commune"}, flèche bas pour choisir.` : "Aucune commune de ce nom.";
}

async function search(input) {
  const text = input.value.trim();
  const turn = (asked += 1);
  if (text.length < 2) return close();
  const address = new URL(input.form.dataset.communes, location.href);
  address.searchParams.set("q", text);
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, redirect: "error" });
    if (!answer.ok) return;
    const { rows, nowhere } = await answer.json();
    if (turn === asked && document.activeElement === input) show(input, input.dataset.commune === "alone" ? rows : [...rows, nowhere], rows.length);
  } catch {
    close(); // offline: what is typed stays, and is recognised later
  }
}

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-commune]")) prepare(event.target);
  else if (open && !open.list.contains(event.target)) close();
});

document.addEventListener("input", (event) => {
  const input = event.target;
  if (!input.matches?.("[data-commune]") || !event.isTrusted) return;
  clearTimeout(timer);
  timer = setTimeout(() => search(input), WAIT);
});

document.addEventListener("keydown", (event) => {
  if (!open || event.target !== open.input) return;
  if (event.key === "ArrowDown") activate(open.active + 1);
  else if (event.key === "ArrowUp") activate(open.active < 0 ? -1 : open.active - 1);
  else if (event.key === "Enter" && open.active >= 0) choose(open.active);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
});

// Before the input loses its focus: a click on an option must not close the list first.
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.(".aap-options [role=option]");
  if (!open) return;
  if (option) {
    event.preventDefault();
    choose([...open.list.children].indexOf(option));
  } else if (event.target !== open.input) close();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-find]");
  if (!button) return;
  event.preventDefault();
  const input = button.closest(".aap-commune").querySelector("[data-commune]");
  input.focus();
  search(input);
});
