// Asks before leaving a form whose answers have changed and were not sent.

let dirty = false;

for (const form of document.querySelectorAll("form[data-warn-leaving]")) {
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  // The page that autosaves says so with this event.
  form.addEventListener("aap:saved", () => { dirty = false; });
}

window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
