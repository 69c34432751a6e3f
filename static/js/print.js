// Shows the button that prints the page: the sheet of styles for paper does the rest.

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
