// Answers typed and not yet known to be on the server, kept in this browser: one entry per field.
// The key names the person, the file and the section; keys begin with "aap:" and are erased at sign-out.

export function drafts(key) {
  const read = () => {
    try { return JSON.parse(localStorage.getItem(key)) ?? {}; } catch { return {}; }
  };
  const write = (all) => {
    try {
      if (Object.keys(all).length) localStorage.setItem(key, JSON.stringify(all));
      else localStorage.removeItem(key);
      return true;
    } catch { return false; } // no room, or no storage: the line that says where answers are must know
  };
  return {
    all: read,
    put(field, entry) { return write({ ...read(), [field]: entry }); },
    drop(field) {
      const { [field]: _gone, ...rest } = read();
      write(rest);
    },
  };
}

/** The name and value pairs that the controls of one part of a form would send. */
export function pairsOf(form, part) {
  const names = new Set([...part.querySelectorAll("[name]")].filter((one) => one.type !== "submit").map((one) => one.name));
  return [...new FormData(form)].filter(([name, value]) => names.has(name) && typeof value === "string");
}
