// The table of who marks which file: the load of each person and the readers of each file follow the boxes.
// Without this module the figures are those of what is recorded.

const form = document.querySelector("form[data-loads]");
const said = form.querySelector("[data-loads-said]");
const boxes = [...form.querySelectorAll('input[name="pairs"]')];

function loadOf(head) {
  const count = Number(head.dataset.elsewhere) + boxes.filter((box) => box.checked && box.value.startsWith(head.dataset.load)).length;
  const most = head.dataset.most ? Number(head.dataset.most) : null;
  return { count, over: most !== null && count > most, words: most === null ? String(count) : `${count} sur ${most}` };
}

function readersOf(cell) {
  const row = cell.closest("tr");
  const count = Number(cell.dataset.elsewhere) + boxes.filter((box) => box.checked && row.contains(box)).length;
  const wanted = Number(cell.dataset.readers);
  return { count, short: count < wanted, words: count < wanted ? `${count} sur ${wanted}` : String(count) };
}

function showLoad(head) {
  const { words, over } = loadOf(head);
  head.textContent = words;
  head.classList.toggle("aap-matrix__load--over", over);
  for (const box of boxes) {
    if (box.value.startsWith(head.dataset.load)) box.closest("td").dataset.label = `${head.dataset.name} (${words})`;
  }
}

function showReaders(cell) {
  const { words, short } = readersOf(cell);
  const mark = document.createElement("span");
  mark.textContent = words;
  if (short) mark.className = "aap-badge aap-badge--warning";
  cell.replaceChildren(mark);
}

function follow(box) {
  const head = [...form.querySelectorAll("[data-load]")].find((one) => box.value.startsWith(one.dataset.load));
  const cell = box.closest("tr").querySelector("[data-readers]");
  showLoad(head);
  showReaders(cell);
  const load = loadOf(head);
  const most = load.over ? ", plus que son maximum" : "";
  said.textContent = `${head.dataset.name}\u00a0: ${load.words}${most}. ${cell.dataset.file}\u00a0: ${readersOf(cell).words}.`;
}

form.querySelectorAll("[data-load]").forEach(showLoad);
form.querySelectorAll("[data-readers]").forEach(showReaders);
form.addEventListener("change", (event) => { if (event.target.name === "pairs") follow(event.target); });
