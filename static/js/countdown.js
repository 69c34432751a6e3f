// How long is left before a closing, on the server's clock: this device's own may be wrong, or the tab asleep for days.
// The page says what the hour was when it was made; each return to the tab asks the server again.

const spans = [...document.querySelectorAll("[data-countdown]")];
const DAY = 86_400_000;
let ahead = Date.parse(spans[0].dataset.now) - Date.now();

const ask = async () => {
  const before = Date.now();
  try {
    const answer = await fetch("/static/css/icon.svg", { method: "HEAD", cache: "no-store" });
    const told = Date.parse(answer.headers.get("Date"));
    if (told) ahead = told + 500 - (before + Date.now()) / 2; // the header is cut to the second
  } catch { /* offline: the last known difference serves */ }
};

const count = (number, word) => `${number} ${word}${number > 1 ? "s" : ""}`;

const show = () => {
  for (const span of spans) {
    const left = Date.parse(span.dataset.countdown) - (Date.now() + ahead);
    if (left > DAY) continue; // the server's words are enough
    if (left < 0) { span.textContent = "la clôture est passée"; continue; }
    const seconds = Math.floor(left / 1000);
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    const parts = [];
    if (hours) parts.push(count(hours, "heure"));
    if (hours || minutes) parts.push(count(minutes, "minute"));
    parts.push(count(seconds % 60, "seconde"));
    span.textContent = `plus que ${parts.join(" ")}`;
  }
};

show();
setInterval(show, 1000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) ask().then(show); });
window.addEventListener("pageshow", (event) => { if (event.persisted) ask().then(show); });
