// Brings the fields of a section up to date with the page as the server would draw it now: questions that a condition
// shows or hides, answers taken from somebody else. The rules of the call are judged by the server alone.

const parts = (root) => [...root.querySelectorAll("[data-field]")];

function carry(form, fresh) {
  form.dataset.layout = fresh.dataset.layout;
  const number = document.querySelector("[data-autofocus]");
  number?.remove(); // a summary of errors that the fields no longer follow
}

/**
 * Fetch the page of the form and mend its fields. ``forced`` names fields to draw again; ``keeps(part)`` tells those
 * that must stay as they are (being typed, or not saved yet). Returns the fields drawn.
 */
export async function refresh(form, address, forced, keeps) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("form[data-autosave]");
  if (!fresh) throw new Error("no form");
  const wanted = new Map(parts(fresh).map((part) => [part.dataset.field, part]));
  for (const part of parts(form)) {
    if (!wanted.has(part.dataset.field) && !keeps(part)) part.remove();
  }
  const drawn = [];
  let before = null;
  for (const [field, part] of wanted) {
    const present = parts(form).find((one) => one.dataset.field === field);
    const changed = present && (forced.includes(field) || present.dataset.required !== part.dataset.required);
    let now = present;
    if (!present || (changed && !keeps(present))) {
      now = document.importNode(part, true);
      if (present) present.replaceWith(now);
      else if (before) before.after(now);
      else form.querySelector("[data-fields]").prepend(now);
      drawn.push(now);
    }
    before = now;
  }
  carry(form, fresh);
  for (const part of drawn) part.dispatchEvent(new Event("aap:added", { bubbles: true }));
  return drawn;
}
