// The simulator live: a slider beside each figure, and the proposal asked again while settings move. The server alone
// computes; without this module the same form has its button.
import { euros, hundredths } from "./exact.js";

const form = document.querySelector("[data-simulation]");
const PAUSE = 300;
let timer = 0;
let asking = null;

/* Sliders. An amount typed to the cent stays as it is: the slider only stands near it. */
function stand(slider) {
  const field = document.getElementById(slider.dataset.slider);
  if (!field) return;
  const typed = hundredths(field.value);
  const empty = field.value.trim() === "";
  if (empty && slider.dataset.end === "max") slider.value = slider.max;
  else slider.value = typed === null || empty ? "0" : (typed / 100n).toString();
  say(slider, field);
}

function say(slider, field) {
  const words = slider.dataset.unit === "€" ? euros(hundredths(field.value) ?? 0n) : `${field.value || "aucun"}`;
  slider.setAttribute("aria-valuetext", field.value.trim() === "" ? "aucune limite" : words);
}

/** Cents as a person types them: "1 500 000", "7 724,95". */
function written(cents) {
  return euros(cents).replace(/[\u00a0\u202f]/g, " ").replace(/ ?€$/, "");
}

function moved(slider) {
  const field = document.getElementById(slider.dataset.slider);
  const edge = { min: slider.min, max: slider.max }[slider.dataset.end];
  const figure = slider.dataset.unit === "€" ? written(BigInt(slider.value) * 100n) : slider.value;
  field.value = slider.value === edge ? "" : figure;
  say(slider, field);
}

function dress(root) {
  for (const slider of root.querySelectorAll("[data-slider]")) { slider.hidden = false; stand(slider); }
}

/* Fields that only some way of sharing uses. */
function show() {
  const chosen = form.querySelector("input[name=partage]:checked")?.value;
  for (const part of form.querySelectorAll("[data-shown-with]")) part.hidden = part.dataset.shownWith !== chosen;
}

function address(more) {
  const fields = [...new FormData(form), ...more].filter(([name, value]) => value !== "" || name === "enveloppe");
  return `${form.action.split("?")[0]}?${new URLSearchParams(fields)}`;
}

/** Ask the page for these settings, and put what changed in place; ``parts``: the rows of the form too. */
async function ask({ more = [], parts = false } = {}) {
  asking?.abort();
  asking = new AbortController();
  const where = address(more);
  const result = document.querySelector('[data-live="resultats"]');
  result.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(where, { headers: { Accept: "text/html" }, signal: asking.signal, redirect: "error" });
    if (!answer.ok && answer.status !== 400) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector("[data-simulation]")) throw new Error("not the simulator");
    swap(page, parts);
    if (!more.length) history.replaceState(null, "", where);
    announce(page);
  } catch (error) {
    if (error.name === "AbortError") return;
    form.submit(); // signed out, or the line is cut: the whole page says it
    return;
  }
  result.removeAttribute("aria-busy");
}

function swap(page, parts) {
  const focused = document.activeElement?.id;
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
    if (!fresh || ("liveForm" in part.dataset && !parts)) continue;
    fresh.querySelector("[data-autofocus]")?.removeAttribute("data-autofocus"); // nobody is interrupted while typing
    fresh.querySelector("[role=alert]")?.removeAttribute("role");
    if (part.innerHTML !== fresh.innerHTML) part.innerHTML = fresh.innerHTML;
    if ("liveForm" in part.dataset) dress(part);
  }
  for (const field of form.querySelectorAll("[aria-describedby]")) {
    const slot = document.getElementById(`${field.id}-error`);
    if (slot) field.toggleAttribute("aria-invalid", slot.textContent.trim() !== "");
    if (field.hasAttribute("aria-invalid")) field.setAttribute("aria-invalid", "true");
  }
  for (const field of document.querySelectorAll("[data-live-value]")) {
    field.value = page.getElementById(field.id)?.value ?? field.value;
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
}

function announce(page) {
  const said = page.querySelector("[data-said]")?.dataset.said
    ?? page.querySelector('[data-live="resultats"] .aap-alert')?.textContent ?? "";
  document.querySelector("[data-announce]").textContent = said.trim().replace(/\s+/g, " ");
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

form.addEventListener("input", (event) => {
  if (event.target.matches("[data-slider]")) moved(event.target);
  else {
    const slider = document.getElementById(`${event.target.id}-curseur`);
    if (slider) stand(slider);
  }
  if (event.target.name === "partage") show();
  if (event.target.name?.endsWith("-en") || event.target.matches("select")) { clearTimeout(timer); ask({ parts: true }); return; }
  later();
});
form.addEventListener("change", (event) => {
  if (!event.target.matches(".aap-num")) return;
  const typed = hundredths(event.target.value);
  if (typed === null || event.target.value.trim() === "" || !/€/.test(event.target.parentElement.textContent)) return;
  event.target.value = written(typed);
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearTimeout(timer);
  const button = event.submitter;
  const more = button?.name ? [[button.name, button.value]] : [];
  await ask({ more, parts: more.length > 0 });
  if (button?.name === "add") [...form.querySelectorAll(`select[name^="${button.value}-"]`)].at(-1)?.focus();
  if (button?.name === "remove") {
    document.getElementById(`add-${button.value.split("-")[0]}`)?.focus();
    history.replaceState(null, "", address([]));
  }
});
dress(document);
show();
