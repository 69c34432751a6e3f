// Shows « Autre : précisez » only while « autre » is ticked. Without this module the input is simply there.

function follow(part) {
  const boxes = document.getElementsByName(part.dataset.other);
  part.hidden = ![...boxes].some((one) => one.value === "autre" && one.checked);
}

const all = (root) => root.querySelectorAll("[data-other]");
all(document).forEach(follow);
document.addEventListener("change", (event) => {
  for (const part of all(document)) if (part.dataset.other === event.target.name) follow(part);
});
document.addEventListener("aap:added", (event) => all(event.target).forEach(follow));
