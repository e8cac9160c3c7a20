// All that the inspector's pages do by themselves. What it puts into a page was escaped by the server.

const told = document.getElementById("told");
let toldTimer;

function tell(sentence) {
  told.textContent = sentence;
  clearTimeout(toldTimer);
  toldTimer = setTimeout(() => {
    told.textContent = "";
  }, 6000);
}

/** Asks the API, and gives the answer, or tells what was wrong with it. */
async function ask(method, path, body) {
  const init = body === undefined ? { method } : { method, body };
  try {
    const response = await fetch(path, init);
    if (response.ok) return response;
    tell((await response.json()).error);
  } catch {
    tell("the program does not answer");
  }
  return null;
}

const describe = (result) =>
  Object.entries(result)
    .map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(", ");

/** The same, with a link to the mail that was sent, which stays. */
function tellResult(result) {
  tell(describe(result));
  if (typeof result.id !== "string") return;
  clearTimeout(toldTimer);
  const link = document.createElement("a");
  link.href = `/messages/${result.id}`;
  link.textContent = "Show it";
  told.append(" ", link);
}

const liveParts = () => [...document.querySelectorAll("[data-live]")];

/** Fetches the live parts of the page again; what was open stays so, and the focus where it was. */
async function refresh() {
  const response = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const old of liveParts()) {
    const part = fresh.getElementById(old.id);
    if (part === null) continue;
    const opened = [...old.querySelectorAll("details")].map(({ open }) => open);
    const focused = sameIn(part, old, document.activeElement);
    old.replaceWith(document.adoptNode(part));
    for (const [n, details] of part.querySelectorAll("details").entries()) details.open = opened[n] ?? false;
    focused?.focus();
  }
}

/** What stands in the new part where the element stood in the old one: the same link, or the one at its place. */
function sameIn(part, old, element) {
  const focusable = "a, button, summary, pre";
  const at = [...old.querySelectorAll(focusable)].indexOf(element);
  const href = at < 0 ? null : element.getAttribute("href");
  const places = [...part.querySelectorAll(focusable)];
  return href === null ? places[at] : places.find((one) => one.getAttribute("href") === href);
}

/** Follows what happens to the message, or to any; many changes at once make one refresh. */
function follow(id) {
  let isDue = false;
  new EventSource("/api/v1/events").addEventListener("message", ({ data }) => {
    if (isDue || (id !== "" && JSON.parse(data).id !== id)) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      void refresh();
    }, 300);
  });
}

const [live] = liveParts();
if (live !== undefined) follow(live.dataset.live);

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-path], button[data-copy]");
  if (button === null) return;
  event.preventDefault();
  if (button.dataset.copy !== undefined) {
    const response = await ask("GET", button.dataset.copy);
    if (response === null) return;
    await navigator.clipboard.writeText(await response.text());
    return tell("copied");
  }
  button.disabled = true;
  const response = await ask(button.dataset.method, button.dataset.path, button.dataset.body);
  button.disabled = false;
  if (response === null) return;
  tell(describe(await response.json()));
  await refresh();
});

const isNumber = (form, name) => form.elements[name].type === "number";

/** A form with data-path sends its fields as JSON to the API. */
document.addEventListener("submit", async (event) => {
  const { method = "POST", path } = event.target.dataset;
  if (path === undefined) return;
  event.preventDefault();
  const fields = Object.fromEntries(
    [...new FormData(event.target)].map(([name, value]) => [
      name,
      isNumber(event.target, name) ? Number(value) : value,
    ]),
  );
  const response = await ask(method, path, JSON.stringify(fields));
  if (response !== null) tellResult(await response.json());
});

document.addEventListener("change", async (event) => {
  const { path, name } = event.target.dataset;
  if (path === undefined || name === undefined) return;
  const response = await ask("PUT", path, JSON.stringify({ [name]: event.target.value }));
  if (response !== null) tell(describe(await response.json()));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-frame]");
  if (button !== null) document.getElementById(button.dataset.frame).src = button.dataset.src;
});

const fileField = document.getElementById("eml");

async function sendFile(file) {
  const { from, to } = document.querySelector("form[data-path]").elements;
  const query = new URLSearchParams({ from: from.value, to: to.value });
  const response = await ask("POST", `/api/v1/send/eml?${query}`, file);
  if (response !== null) tellResult(await response.json());
}

fileField?.addEventListener("change", async ({ target }) => {
  await sendFile(target.files[0]);
  target.value = "";
});

/** A file may be dropped anywhere on the page; the browser would leave the page to show it. */
for (const kind of fileField === null ? [] : ["dragover", "dragleave", "drop"])
  document.addEventListener(kind, async (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.toggle("dropping", kind === "dragover");
    if (kind !== "drop") return;
    for (const file of event.dataTransfer.files) await sendFile(file);
  });

/** The explanation follows the config while one types. */
const configField = document.querySelector("textarea[data-explain]");
let explaining = new AbortController();
configField?.addEventListener("input", () => {
  explaining.abort();
  explaining = new AbortController();
  setTimeout(explain, 300, explaining.signal);
});

async function explain(signal) {
  if (signal.aborted) return;
  const response = await fetch(configField.dataset.explain, {
    method: "POST",
    body: configField.value,
    signal,
  });
  // A fragment of our own server, which has escaped what is a stranger's.
  document.getElementById("explanation").innerHTML = await response.text();
}

/** The focus moves along the links of the list. */
function move(step) {
  const links = [...document.querySelectorAll(".messages .subject a")];
  const at = links.indexOf(document.activeElement);
  links[Math.max(0, at < 0 ? 0 : at + step)]?.focus();
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  "/": () => document.getElementById("q")?.focus(),
  c: () => location.assign("/compose"),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select"))
    return;
  const act = keys[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
});
