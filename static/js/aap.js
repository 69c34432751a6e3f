// Entry point of every page. Nothing here is needed to use a page: each module only makes it more pleasant,
// and is fetched only where its marker is present.

const parts = {
  "[data-counter]": "./counter.js",
  "[data-repeat]": "./repeat.js",
  "[data-budget]": "./budget.js",
  "[data-marking]": "./marking.js",
  "[data-warn-leaving]": "./leaving.js",
  "[data-mark-read]": "./thread.js",
  "[data-menu]": "./menu.js",
  "[data-upload]": "./upload.js",
};

const wanted = Object.entries(parts).filter(([marker]) => document.querySelector(marker));
Promise.all(wanted.map(([, module]) => import(module))).then(() => {
  document.documentElement.dataset.scripts = "ready"; // for whoever drives a browser
});

document.querySelector("[data-autofocus]")?.focus();

// Drafts kept in this browser belong to the person who typed them: signing out erases them.
for (const form of document.querySelectorAll("form[data-signout]")) {
  form.addEventListener("submit", () => {
    for (const key of Object.keys(localStorage)) if (key.startsWith("aap:")) localStorage.removeItem(key);
    sessionStorage.clear();
  });
}
