// A page that waits for the worker asks again by itself, as its "Actualiser" link would.

const waiting = document.querySelector("[data-refresh]");
let tries = 0;
const ask = async () => {
  tries += 1;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("[data-refresh]");
    if (!next) { location.reload(); return; }
    waiting.innerHTML = next.innerHTML;
  } catch { /* the line is cut: asked again below */ }
  if (tries < 200) setTimeout(ask, 3000);
};
setTimeout(ask, 2000);
