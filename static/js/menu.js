// Folds the main menu behind a button on a phone. Without this module the menu is simply shown.

const small = window.matchMedia("(max-width: 47.99em)");

for (const nav of document.querySelectorAll("[data-menu]")) {
  const list = nav.querySelector("ul");
  const button = document.createElement("button");
  list.id ||= "menu-principal";
  button.type = "button";
  button.className = "aap-menu";
  button.textContent = "Menu";
  button.setAttribute("aria-controls", list.id);
  const fold = (folded) => {
    list.hidden = folded;
    button.setAttribute("aria-expanded", String(!folded));
  };
  button.addEventListener("click", () => fold(!list.hidden));
  small.addEventListener("change", () => fold(small.matches));
  nav.prepend(button);
  fold(small.matches);
}
