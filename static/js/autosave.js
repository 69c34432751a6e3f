// Saves each answer a few seconds after it was typed and when its field is left, and says honestly where it is: on the
// server, or on this device only. Without this module the button saves.

import { drafts, pairsOf } from "./drafts.js";
import { tell } from "./faults.js";
import { refresh } from "./swap.js";
import { hideVersions, showVersions } from "./versions.js";

const TYPING = 2500; // milliseconds after the last key
const LEAVING = 200; // after leaving a field
const RETRY = 15000;
const QUIET = 60000; // "saved" is spoken at most once a minute
const KEEPALIVE = 60000; // what a browser sends of a page being closed, in characters

class Autosave {
  constructor(form) {
    this.form = form;
    this.queue = drafts(form.dataset.queue);
    this.waiting = new Set(); // fields typed and not saved
    this.disputed = new Map(); // field -> conflict to settle
    this.faults = new Map(); // field -> what to say once it is left
    this.sent = new WeakMap(); // part of the form -> what the server last had of it, as text
    this.line = form.querySelector("[data-autosave-line]");
    this.spoken = form.querySelector("[data-autosave-spoken]");
    this.spokenAt = 0;
    this.state = "";
    form.autocomplete = "off"; // a tab found again days later must show what the server has
    this.listen();
    this.resume();
  }

  listen() {
    const { form } = this;
    form.addEventListener("input", (event) => this.typed(event.target, TYPING));
    form.addEventListener("change", (event) => this.typed(event.target, LEAVING));
    form.addEventListener("focusout", (event) => this.left(event));
    form.addEventListener("submit", (event) => this.submitted(event));
    document.addEventListener("aap:signout", () => { this.over = true; clearTimeout(this.timer); });
    window.addEventListener("online", () => this.later(0));
    window.addEventListener("offline", () => { if (this.waiting.size) this.tell("offline"); });
    window.addEventListener("focus", () => { if (this.state === "expired") this.later(0); });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.flush({ closing: true });
      else if (this.state === "expired") this.later(0);
    });
  }

  part(field) {
    return this.form.querySelector(`[data-field="${CSS.escape(field)}"]`);
  }

  note(parts) {
    for (const part of parts) this.sent.set(part, JSON.stringify(pairsOf(this.form, part)));
  }

  typed(target, delay) {
    const part = target.closest?.("[data-field]");
    if (!part) return;
    const field = part.dataset.field;
    const sends = JSON.stringify(pairsOf(this.form, part));
    if (!this.waiting.has(field) && sends === this.sent.get(part)) return;
    this.keep(part);
    if (this.disputed.has(field)) return;
    this.later(delay);
    if (this.state === "saved" || this.state === "") this.tell("typing");
  }

  keep(part) {
    if (this.over) return;
    const field = part.dataset.field;
    this.waiting.add(field);
    const entry = { pairs: pairsOf(this.form, part), version: Number(part.dataset.version), at: Date.now() };
    this.kept = this.queue.put(field, entry);
  }

  left(event) {
    const part = event.target.closest?.("[data-field]");
    if (!part || part.contains(event.relatedTarget)) return;
    const said = this.faults.get(part.dataset.field);
    if (said) this.sayFaults(part, said);
    if (this.waiting.has(part.dataset.field) && !this.disputed.has(part.dataset.field)) this.later(LEAVING);
  }

  later(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), delay);
  }

  // Answers that an earlier page could not send: the server says whether they are still welcome.
  async resume() {
    this.note(this.form.querySelectorAll("[data-field]"));
    const kept = Object.keys(this.queue.all());
    if (!kept.length) return;
    this.tell("saving");
    const result = await this.send(kept, this.queue.all(), false);
    if (!result) return;
    const taken = kept.filter((field) => field in result.versions && !result.conflicts.some((one) => one.field === field));
    const free = taken.filter((field) => !this.waiting.has(field));
    for (const field of free) this.queue.drop(field);
    await this.redraw(free);
    this.settle(result, []);
    this.finish(result);
  }

  // Whoever asks while answers are on their way waits for what was typed since, too.
  flush({ closing = false } = {}) {
    clearTimeout(this.timer);
    if (this.over) return Promise.resolve(false);
    this.again = true;
    this.busy ??= this.sendAll(closing).finally(() => { this.busy = null; });
    return this.busy;
  }

  async sendAll(closing) {
    let done = true;
    while (this.again) {
      this.again = false;
      const fields = [...this.waiting].filter((field) => !this.disputed.has(field) && this.part(field));
      if (!fields.length) return true;
      done = await this.save(fields, closing);
    }
    return done;
  }

  async save(fields, closing) {
    for (const field of fields) this.keep(this.part(field));
    const entries = this.queue.all();
    const now = Object.fromEntries(fields.map((field) => [field, {
      pairs: pairsOf(this.form, this.part(field)), version: Number(this.part(field).dataset.version),
    }]));
    this.tell("saving");
    const result = await this.send(fields, { ...entries, ...now }, closing);
    if (!result) return false;
    this.settle(result, fields.map((field) => [field, JSON.stringify(now[field].pairs)]));
    if (result.layout !== this.form.dataset.layout) await this.redraw([]).catch(() => {});
    this.finish(result);
    return this.waiting.size === 0;
  }

  // Take in what the server answered: new versions, faults, and answers that somebody else changed.
  settle(result, sent) {
    for (const [field, pairs] of sent) {
      const part = this.part(field);
      if (!part || result.refused.includes(field)) continue;
      if (result.conflicts.some((one) => one.field === field)) continue;
      part.dataset.version = result.versions[field] ?? part.dataset.version;
      this.sent.set(part, pairs);
      const same = JSON.stringify(pairsOf(this.form, part)) === pairs;
      if (same) { this.waiting.delete(field); this.queue.drop(field); } else this.keep(part);
      this.faults.set(field, [result.problems[field] ?? {}, result.doubts[field] ?? {}]);
      if (!part.contains(document.activeElement)) this.sayFaults(part, this.faults.get(field));
    }
    for (const conflict of result.conflicts) this.dispute(conflict);
    this.writeVersions();
  }

  sayFaults(part, [problems, doubts]) {
    this.faults.delete(part.dataset.field);
    tell(part, problems, doubts);
  }

  dispute(conflict) {
    const part = this.part(conflict.field);
    if (!part) return;
    this.disputed.set(conflict.field, conflict);
    this.waiting.add(conflict.field);
    const mine = this.queue.all()[conflict.field];
    showVersions(part, conflict, {
      keep: () => {
        part.dataset.version = conflict.version;
        this.disputed.delete(conflict.field);
        hideVersions(part);
        if (mine && JSON.stringify(pairsOf(this.form, part)) === this.sent.get(part)) this.resendKept(conflict, mine);
        else { this.keep(part); this.later(0); }
      },
      leave: async () => {
        this.queue.drop(conflict.field);
        this.waiting.delete(conflict.field);
        this.disputed.delete(conflict.field);
        hideVersions(part);
        await this.redraw([conflict.field]).catch(() => {});
        this.part(conflict.field)?.querySelector("input, select, textarea")?.focus();
        this.finish({ at: "" });
      },
    });
  }

  // The text to keep is the one of an earlier page: the field shows the other.
  async resendKept(conflict, mine) {
    const entry = { ...mine, version: conflict.version };
    this.queue.put(conflict.field, entry);
    const result = await this.send([conflict.field], { [conflict.field]: entry }, false);
    if (!result) return;
    if (!result.conflicts.length) {
      this.queue.drop(conflict.field);
      this.waiting.delete(conflict.field);
      await this.redraw([conflict.field]).catch(() => {});
    }
    this.settle(result, []);
    this.finish(result);
  }

  async redraw(forced) {
    const keeps = (part) => this.waiting.has(part.dataset.field) || part.contains(document.activeElement);
    const drawn = await refresh(this.form, this.form.dataset.page, forced, keeps);
    this.note(drawn);
    this.writeVersions();
  }

  // What the button sends must say the same as what autosave knows.
  writeVersions() {
    const parts = [...this.form.querySelectorAll("[data-field]")];
    const seen = this.form.elements.namedItem("seen");
    const only = this.form.elements.namedItem("only");
    seen.value = parts.filter((one) => Number(one.dataset.version)).map((one) => `${one.dataset.field}=${one.dataset.version}`).join(",");
    only.value = parts.map((one) => one.dataset.field).join(",");
  }

  finish(result) {
    if (this.disputed.size) this.tell("disputed");
    else if (result.refused?.length) this.tell("refused");
    else if (this.waiting.size) { this.tell("typing"); this.later(TYPING); }
    else {
      this.tell("saved", result.at);
      this.form.dispatchEvent(new Event("aap:saved", { bubbles: true }));
    }
  }

  async send(fields, entries, closing, renewed = false) {
    const body = new URLSearchParams({
      csrf_token: this.form.elements.namedItem("csrf_token").value,
      only: fields.join(","),
      seen: fields.map((field) => `${field}=${entries[field].version}`).join(","),
    });
    for (const field of fields) for (const [name, value] of entries[field].pairs) body.append(name, value);
    let answer;
    try {
      answer = await fetch(this.form.dataset.autosave, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        redirect: "error",
        keepalive: closing && body.toString().length < KEEPALIVE,
      });
    } catch {
      return this.failed(navigator.onLine ? "resend" : "offline");
    }
    if (answer.ok) return answer.json();
    const said = await answer.json().catch(() => ({}));
    if (answer.status === 401 || said.code === "jeton-perime") {
      const state = renewed ? "resend" : await this.renew();
      return state === "renewed" ? this.send(fields, entries, closing, true) : this.failed(state);
    }
    if (answer.status >= 500 || answer.status === 429) return this.failed("resend");
    return this.failed("closed", said.message);
  }

  // The page is older than its session: a fresh token, if the same person is still signed in.
  async renew() {
    try {
      const answer = await fetch(this.form.dataset.session, { headers: { Accept: "application/json" }, redirect: "error" });
      if (answer.status === 401) return "expired";
      if (!answer.ok) return "resend";
      const session = await answer.json();
      if (session.person !== this.form.dataset.person) return "stranger";
      for (const one of document.querySelectorAll('input[name="csrf_token"]')) one.value = session.csrf_token;
      return "renewed";
    } catch {
      return navigator.onLine ? "resend" : "offline";
    }
  }

  failed(state, message) {
    this.tell(state, message);
    clearTimeout(this.timer);
    if (state === "offline" || state === "resend") this.timer = setTimeout(() => this.retry(), RETRY);
    return null;
  }

  retry() {
    if (this.waiting.size) this.flush();
    else if (Object.keys(this.queue.all()).length) this.resume();
  }

  // The button first sends what is waiting; where that cannot be, the page stays, and nothing is lost.
  submitted(event) {
    if (this.leaving || event.defaultPrevented) return;
    if (!this.waiting.size && !this.busy) return;
    event.preventDefault();
    const { submitter } = event;
    this.flush().then((done) => {
      if (!done || this.waiting.size) { this.disputed.size ? this.form.querySelector("[data-versions]")?.focus() : this.line.focus(); return; }
      this.leaving = true;
      this.form.requestSubmit(submitter);
    });
  }

  tell(state, detail = "") {
    this.state = state;
    const device = this.kept === false ? "ne quittez pas cette page, l’appareil n’a plus de place" : "conservé sur cet appareil";
    const words = {
      typing: "Modifications à enregistrer…",
      saving: "Enregistrement…",
      saved: detail ? `Enregistré à ${detail}` : "Tout est enregistré",
      offline: `Hors connexion\u00a0: ${device}. L’envoi reprendra avec la connexion.`,
      resend: `À renvoyer\u00a0: le service ne répond pas, ${device}.`,
      expired: `Votre session a expiré\u00a0: ${device}.`,
      stranger: "Une autre personne s’est connectée dans ce navigateur\u00a0: vos réponses ne sont pas envoyées sous son nom.",
      closed: `${detail || "Cette réponse ne peut pas être enregistrée."} Vos derniers textes restent sur cet appareil.`,
      disputed: "Une réponse a deux versions\u00a0: choisissez celle à garder.",
      refused: "Une réponse est trop longue pour être enregistrée\u00a0: raccourcissez-la.",
    }[state];
    this.line.hidden = false;
    this.line.dataset.state = state;
    this.line.querySelector("[data-autosave-text]").textContent = words;
    this.line.querySelector("[data-autosave-link]").hidden = state !== "expired";
    this.line.querySelector("[data-autosave-retry]").hidden = state !== "resend";
    this.speak(state, words);
  }

  speak(state, words) {
    if (state === "typing" || state === "saving" || state === this.saidState && state !== "saved") return;
    if (state === "saved" && this.saidState === "saved" && Date.now() - this.spokenAt < QUIET) return;
    this.saidState = state;
    this.spokenAt = Date.now();
    this.spoken.textContent = words;
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const autosave = new Autosave(form);
  form.querySelector("[data-autosave-retry]").addEventListener("click", () => autosave.retry());
}
