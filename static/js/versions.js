// Two texts of one answer, side by side, above the field: the person keeps one, or takes what is good in both.

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function button(text, act, first) {
  const made = element("button", `fr-btn fr-btn--sm${first ? "" : " fr-btn--secondary"}`, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function side(title, text) {
  const box = element("section");
  box.append(element("p", "aap-compare__title", title), element("div", "aap-pre", text || "Aucune réponse"));
  return box;
}

/** Show both texts. ``keep`` and ``leave`` are called with the choice; a panel already there is replaced. */
export function showVersions(part, conflict, { keep, leave }) {
  hideVersions(part);
  const panel = element("div", "aap-conflict");
  panel.dataset.versions = "";
  panel.setAttribute("role", "group");
  panel.setAttribute("aria-label", `Deux versions de la réponse\u00a0: ${conflict.label}`);
  panel.tabIndex = -1;
  const sides = element("div", "aap-compare");
  sides.append(
    side("Votre réponse, pas encore enregistrée", conflict.yours),
    side(`La réponse enregistrée par ${conflict.by}, ${conflict.at}`, conflict.theirs),
  );
  const choices = element("div", "aap-actions");
  choices.append(button("Garder ma réponse", keep, true), button("Garder l’autre réponse", leave, false));
  panel.append(
    element("p", "aap-alert__title", "Deux versions de cette réponse"),
    element("p", "", "Cette réponse a changé pendant que vous écriviez. Aucun des deux textes n’est perdu\u00a0: choisissez celui à garder, "
      + "ou réunissez-les dans le champ avant de garder la vôtre."),
    sides,
    choices,
  );
  part.prepend(panel);
  return panel;
}

export function hideVersions(part) {
  for (const panel of part.querySelectorAll("[data-versions]")) panel.remove();
}
