// Says how many characters, or words, remain under a limited field; announced to screen readers only when typing pauses.
// Under a single line, which is rarely filled, it keeps silent until three quarters are used.

const grouped = new Intl.NumberFormat("fr-FR");

function sentence(left, unit) {
  const count = `${grouped.format(Math.abs(left))} ${unit}${Math.abs(left) > 1 ? "s" : ""}`;
  return left >= 0 ? `Il reste ${count}` : `${count} de trop`;
}

function attach(line) {
  const field = document.getElementById(line.dataset.counter);
  if (!field || line.dataset.attached) return;
  line.dataset.attached = "1";
  const max = Number.parseInt(line.dataset.max, 10);
  const unit = line.dataset.unit ?? "caractère";
  // As the server counts: UTF-16 units, a line end being one; words hold a letter or a digit.
  const count = (text) => (unit === "mot" ? text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length : text.length);
  const show = () => {
    const left = max - count(field.value);
    line.textContent = sentence(left, unit);
    line.classList.toggle("aap-counter--over", left < 0);
    line.hidden = field.tagName === "INPUT" && left > max / 4;
  };
  let pause;
  field.addEventListener("input", () => {
    line.removeAttribute("aria-live");
    show();
    clearTimeout(pause);
    pause = setTimeout(() => { line.setAttribute("aria-live", "polite"); show(); }, 800);
  });
  show();
}

document.querySelectorAll("[data-counter]").forEach(attach);
document.addEventListener("aap:added", (event) => event.target.querySelectorAll("[data-counter]").forEach(attach));
