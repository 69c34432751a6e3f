// A question answered by a file: it leaves as soon as it is chosen or dropped, and its field is drawn again.
// Without this module the button of the field sends it with the form.

import { refresh } from "./swap.js";

const SIZE = new Intl.NumberFormat("fr-FR", { maximumFractionDigits: 1 });
const megabytes = (octets) => `${SIZE.format(octets / 1_000_000)} Mo`;

class Attachment {
  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.part = box.closest("[data-field]");
    this.input = box.querySelector("input[type=file]");
    this.field = box.querySelector(".aap-upload");
    this.most = Number(box.dataset.most) || Infinity;
    box.querySelector("[data-attach-button]").hidden = true;
    this.draw();
    this.input.addEventListener("change", (event) => {
      event.stopPropagation(); // nothing here is typed: autosave has nothing to keep
      if (this.input.files.length) this.send(this.input.files[0]);
    });
    this.input.addEventListener("input", (event) => event.stopPropagation());
    this.drop();
  }

  draw() {
    this.progress = document.createElement("div");
    this.progress.className = "aap-sending";
    this.progress.hidden = true;
    this.words = document.createElement("p");
    this.words.setAttribute("role", "status");
    this.bar = document.createElement("progress");
    this.bar.max = 100;
    this.bar.setAttribute("aria-label", "Envoi du fichier");
    this.progress.append(this.words, this.bar);
    this.field.append(this.progress);
    const invitation = document.createElement("p");
    invitation.className = "fr-hint-text";
    invitation.textContent = "Vous pouvez aussi glisser le fichier ici.";
    this.input.before(invitation);
  }

  drop() {
    for (const name of ["dragenter", "dragover"]) {
      this.field.addEventListener(name, (event) => {
        event.preventDefault();
        this.field.classList.add("aap-upload--over");
      });
    }
    for (const name of ["dragleave", "drop"]) {
      this.field.addEventListener(name, () => this.field.classList.remove("aap-upload--over"));
    }
    this.field.addEventListener("drop", (event) => {
      event.preventDefault();
      const [file] = event.dataTransfer.files;
      if (file) this.send(file);
    });
  }

  tell(text, wrong = false) {
    this.progress.hidden = false;
    this.bar.hidden = wrong;
    this.words.textContent = text;
    this.words.className = wrong ? "aap-error" : "";
    this.field.classList.toggle("aap-field--error", wrong);
    if (wrong) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }

  send(file) {
    if (file.size > this.most) {
      this.refused(`« ${file.name} » pèse ${megabytes(file.size)} : ${megabytes(this.most)} au plus.`);
      return;
    }
    const data = new FormData();
    data.set("csrf_token", this.form.elements.namedItem("csrf_token").value);
    data.set("file", file);
    const request = new XMLHttpRequest();
    request.open("POST", this.box.dataset.attach);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      const part = event.lengthComputable ? Math.floor((100 * event.loaded) / event.total) : 0;
      this.bar.value = part;
      this.tell(part < 100 ? `Envoi de « ${file.name} » : ${part} %` : `« ${file.name} » est arrivé, vérification…`);
    });
    request.addEventListener("load", () => this.answered(request));
    request.addEventListener("error", () =>
      this.refused("La connexion s’est interrompue. Le fichier n’est pas joint : recommencez quand elle revient."),
    );
    this.tell(`Envoi de « ${file.name} »`);
    request.send(data);
  }

  refused(message) {
    this.tell(message, true);
    this.input.value = ""; // what was refused does not leave with the form
    this.input.focus();
  }

  async answered(request) {
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* an error page of something in between */ }
    if (request.status >= 400) {
      this.refused(request.status === 401
        ? "Votre session a expiré : reconnectez-vous, puis choisissez de nouveau le fichier."
        : answer.message || "Le fichier n’a pas pu être envoyé.");
      return;
    }
    const name = this.part.dataset.field;
    await refresh(this.form, this.form.dataset.page, [name], (part) => part !== this.part).catch(() => location.reload());
    const drawn = this.form.querySelector(`[data-field="${CSS.escape(name)}"] [data-attach]`);
    if (drawn) new Attachment(drawn).done(answer.said);
  }

  done(said) {
    this.tell(said);
    this.bar.hidden = true;
    this.input.focus();
  }
}

for (const box of document.querySelectorAll("[data-attach]")) new Attachment(box);
document.addEventListener("aap:added", (event) => { // a question that an answer has just made appear
  for (const box of event.target.querySelectorAll?.("[data-attach]") ?? []) {
    if (!box.querySelector(".aap-sending")) new Attachment(box);
  }
});
