// Marks a thread read once its page has been seen for a moment: the form's own button does the same by hand.

const SEEN_AFTER_MS = 1500;

for (const form of document.querySelectorAll("form[data-mark-read]")) {
  const mark = () => fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true, redirect: "manual" })
    .then(() => { form.hidden = true; })
    .catch(() => {}); // the button stays
  const wait = () => setTimeout(() => { if (!document.hidden) mark(); }, SEEN_AFTER_MS);
  if (document.hidden) document.addEventListener("visibilitychange", wait, { once: true });
  else wait();
}
