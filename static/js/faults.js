// Writes beside each input what the server said of it, without drawing the page again.

function described(control, id, on) {
  const ids = new Set((control.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  if (on) ids.add(id); else ids.delete(id);
  if (ids.size) control.setAttribute("aria-describedby", [...ids].join(" "));
  else control.removeAttribute("aria-describedby");
}

function clear(part) {
  for (const line of part.querySelectorAll(".aap-error, .aap-doubt")) {
    for (const control of part.querySelectorAll(`[aria-describedby~="${CSS.escape(line.id)}"]`)) {
      described(control, line.id, false);
      control.removeAttribute("aria-invalid");
    }
    line.remove();
  }
  for (const field of [part, ...part.querySelectorAll(".aap-field--error")]) field.classList.remove("aap-field--error");
  for (const cell of part.querySelectorAll(".aap-repeat__error")) cell.classList.remove("aap-repeat__error");
}

function write(part, place, message, doubt) {
  const control = part.querySelector(`#${CSS.escape(place)}`) ?? part.querySelector("input, select, textarea, fieldset");
  if (!control) return;
  const choices = control.type === "radio" || control.type === "checkbox" ? control.closest("fieldset") : null;
  const target = choices ?? control;
  const line = document.createElement("p");
  line.id = `${place}-${doubt ? "doubt" : "error"}`;
  line.className = doubt ? "aap-doubt" : "aap-error";
  const prefix = document.createElement("span");
  prefix.className = "fr-sr-only";
  prefix.textContent = doubt ? "À vérifier\u00a0: " : "Erreur\u00a0: ";
  line.append(prefix, message);
  if (target.tagName === "FIELDSET") target.querySelector("legend")?.after(line);
  else (target.closest(".aap-affix") ?? target).before(line);
  described(target, line.id, true);
  if (doubt) return;
  control.setAttribute("aria-invalid", "true");
  target.closest(".aap-field, .aap-choices, .aap-repeat")?.classList.add("aap-field--error");
}

/** Replace what is said of the inputs of one field. Both arguments map the name of an input to a sentence. */
export function tell(part, problems, doubts) {
  clear(part);
  for (const [place, message] of Object.entries(problems)) write(part, place, message, false);
  for (const [place, message] of Object.entries(doubts)) write(part, place, message, true);
}
