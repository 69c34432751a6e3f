// Says how many characters remain under a limited field; announced to screen readers only when typing pauses.
// Under a single line, which is rarely filled, it keeps silent until three quarters are used.

const grouped = new Intl.NumberFormat("fr-FR");

function sentence(left) {
  const count = `${grouped.format(Math.abs(left))} caractère${Math.abs(left) > 1 ? "s" : ""}`;
  return left >= 0 ? `Il reste ${count}` : `${count} de trop`;
}

function attach(line) {
  const field = document.getElementById(line.dataset.counter);
  if (!field || line.dataset.attached) return;
  line.dataset.attached = "1";
  const max = Number.parseInt(line.dataset.max, 10);
  // The server counts code points and reads line ends as one character: so does this.
  const show = () => {
    const left = max - Array.from(field.value).length;
    line.textContent = sentence(left);
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
