// Files: drop them on the field, see them leave, keep what is typed when one is refused.
// Without this module the form posts as any other.

const SIZE = new Intl.NumberFormat("fr-FR", { maximumFractionDigits: 1 });
const megabytes = (octets) => `${SIZE.format(octets / 1_000_000)} Mo`;

// Where to go once the file is kept: the answer tells it, so that the next page is read once, with its message.
function next(request) {
  try { return JSON.parse(request.responseText).next; } catch { return request.responseURL || location.href; }
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  const input = form.querySelector("input[type=file]");
  const field = input.closest(".aap-upload");
  const most = Number(form.dataset.most) || Infinity;

  const box = document.createElement("div");
  box.className = "aap-sending";
  box.hidden = true;
  const words = document.createElement("p");
  words.setAttribute("role", "status");
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.setAttribute("aria-label", "Envoi du fichier");
  box.append(words, bar);
  field.append(box);

  const invitation = document.createElement("p");
  invitation.className = "fr-hint-text";
  invitation.textContent = "Vous pouvez aussi glisser le fichier ici.";
  input.before(invitation);

  const tell = (text, wrong = false) => {
    box.hidden = false;
    bar.hidden = wrong;
    words.textContent = text;
    words.className = wrong ? "aap-error" : "";
    field.classList.toggle("aap-field--error", wrong);
    if (wrong) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };

  const refuse = (answer) => {
    const page = new DOMParser().parseFromString(answer, "text/html");
    const said = page.querySelector(".aap-field--error .aap-error") ?? page.querySelector("main .aap-alert p, main h1");
    tell(said?.textContent.trim() || "Le fichier n’a pas pu être envoyé.", true);
    input.focus();
  };

  const send = (file) => {
    if (file.size > most) {
      tell(`« ${file.name} » pèse ${megabytes(file.size)} : ${megabytes(most)} au plus.`, true);
      return;
    }
    const data = new FormData(form);
    data.set("file", file);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.addEventListener("progress", (event) => {
      const part = event.lengthComputable ? Math.floor((100 * event.loaded) / event.total) : 0;
      bar.value = part;
      tell(part < 100 ? `Envoi de « ${file.name} » : ${part} %` : `« ${file.name} » est arrivé, vérification…`);
    });
    request.addEventListener("load", () => {
      if (request.status < 400) {
        form.dispatchEvent(new CustomEvent("aap:saved", { bubbles: true }));
        location.assign(next(request));
      } else refuse(request.responseText);
    });
    request.addEventListener("error", () =>
      tell("La connexion s’est interrompue. Le fichier n’est pas joint : recommencez quand elle revient.", true),
    );
    tell(`Envoi de « ${file.name} »`);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.send(data);
  };

  form.addEventListener("submit", (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    send(input.files[0]);
  });
  for (const name of ["dragenter", "dragover"]) {
    field.addEventListener(name, (event) => {
      event.preventDefault();
      field.classList.add("aap-upload--over");
    });
  }
  for (const name of ["dragleave", "drop"]) field.addEventListener(name, () => field.classList.remove("aap-upload--over"));
  field.addEventListener("drop", (event) => {
    event.preventDefault();
    const [file] = event.dataTransfer.files;
    if (!file) return;
    input.files = event.dataTransfer.files;
    send(file);
  });
}
