// Entry point of every page. Nothing here is needed to use a page: each module only makes it more pleasant,
// and is fetched only where its marker is present.

const parts = {
  "[data-counter]": "./counter.js",
  "[data-repeat]": "./repeat.js",
  "[data-budget]": "./budget.js",
  "[data-marking]": "./marking.js",
  "[data-warn-leaving]": "./leaving.js",
  "[data-mark-read]": "./thread.js",
  "form[data-autosave]": "./autosave.js",
  "[data-other]": "./other.js",
  "[data-print]": "./print.js",
  "[data-menu]": "./menu.js",
  "[data-countdown]": "./countdown.js",
  "[data-refresh]": "./refresh.js",
  "[data-commune]": "./commune.js",
  "[data-upload]": "./upload.js",
  "[data-attach]": "./attach.js",
  "[data-simulation]": "./simulation.js",
  "[data-loads]": "./loads.js",
};

const wanted = Object.entries(parts).filter(([marker]) => document.querySelector(marker));
Promise.all(wanted.map(([, module]) => import(module))).then(() => {
  document.documentElement.dataset.scripts = "ready"; // for whoever drives a browser
});

document.querySelector("[data-autofocus]")?.focus();

// Drafts kept in this browser belong to the person who typed them: signing out erases them.
for (const form of document.querySelectorAll("form[data-signout]")) {
  form.addEventListener("submit", (event) => {
    const kept = Object.keys(localStorage).filter((key) => key.startsWith("aap:"));
    const warning = "Des réponses conservées sur cet appareil n’ont pas encore été envoyées\u00a0: elles seront effacées. Se déconnecter\u202f?";
    if (kept.some((key) => key.startsWith("aap:brouillon:")) && !window.confirm(warning)) { event.preventDefault(); return; }
    document.dispatchEvent(new Event("aap:signout")); // nothing is kept from here on
    for (const key of kept) localStorage.removeItem(key);
    sessionStorage.clear();
  });
}
