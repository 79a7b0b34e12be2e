// The page: its views, its head, and what every view has in common.
import { ask, leave, useToken } from "./ask.js";
import { Figures } from "./figures.js";
import { find, make, write } from "./dom.js";
import { Stream } from "./stream.js";
import { choose, fillIn, inBoth, number, readWords, span, text, words } from "./words.js";
import { listen as listenToKeys, showShortcuts } from "./keys.js";
import { ActionsView } from "./actions.js";
import { Alarms, AlarmsView } from "./alarms.js";
import { LiveView } from "./live.js";
import { SearchView } from "./search.js";
import { StoryView } from "./story.js";
import { TerminalsView } from "./terminals.js";

const VIEWS = { live: LiveView, alarms: AlarmsView, terminals: TerminalsView, search: SearchView, actions: ActionsView };
const ROLES = ["viewer", "operator", "supervisor"];
const THEME = "vafa-console-theme";
const THEMES = ["auto", "light", "dark"];

export const page = {
  session: { name: "", role: "viewer", csrf: "" },
  figures: new Figures(),
  alarms: null,
  stream: null,
  view: null,
  /** Whether whoever looks may do what a role may. */
  may(role) {
    return ROLES.indexOf(this.session.role) >= ROLES.indexOf(role);
  },
  /** What has just happened; `kind` is "fault", "news" or "good". */
  tell(message, kind = "fault") {
    find("#told").dataset.kind = kind;
    write(find("#told"), message);
  },
};

async function begin() {
  setTheme(localStorage.getItem(THEME) ?? "auto");
  await readWords();
  await readSession();
  page.alarms = new Alarms(page);
  const readHistory = async () => {
    const now = Math.floor(Date.now() / 1000);
    page.figures.begin(await ask(`history?from_s=${now - 120}&until_s=${now}&points=120`));
  };
  await readHistory().catch(() => page.tell(text("unreachable")));
  page.stream = new Stream(
    (event) => {
      if (!page.figures.fields.length && !page.isAsking) {
        page.isAsking = true;
        readHistory().catch(() => undefined).finally(() => { page.isAsking = false; });
      }
      page.figures.takeFrame(event);
    },
    (sight) => {
      if (sight.time_zone && sight.time_zone !== words.zone) words.zone = sight.time_zone;
      page.figures.takeSight(sight);
      page.alarms.hear(sight);
    },
  );
  page.figures.listen(showState);
  setInterval(showState, 500);
  find("#language").addEventListener("click", () => {
    choose(words.language === "fa" ? "en" : "fa");
    drawAll();
  });
  find("#theme").addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % THEMES.length];
    setTheme(next);
    drawAll();
  });
  find("#help").addEventListener("click", showShortcuts);
  find("#logout").addEventListener("click", logOut);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  addEventListener("hashchange", route);
  listenToKeys(page, Object.keys(VIEWS));
  drawAll();
}

async function readSession() {
  try {
    page.session = await ask("session");
    useToken(page.session.csrf);
  } catch {
    page.session = { name: "", role: "viewer", csrf: "" };
  }
}

async function logOut() {
  try {
    await ask("logout", {});
  } catch (fault) {
    page.tell(fault.status ? fault.message : text("unreachable"));
    return;
  }
  leave();
}

function setTheme(theme) {
  localStorage.setItem(THEME, theme);
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function drawAll() {
  fillIn();
  const other = words.language === "fa" ? "en" : "fa";
  const language = find("#language");
  language.textContent = other === "fa" ? "فارسی" : "English";
  language.lang = other;
  const theme = document.documentElement.dataset.theme ?? "auto";
  find("#theme").textContent = text(`theme_${theme}`);
  write(find("#person"), page.session.name ? `${page.session.name} · ${text(`role_${page.session.role}`)}` : "");
  find("#logout").hidden = !page.session.name;
  find("#help").textContent = words.language === "fa" ? "؟" : "?";
  find("#tabs").replaceChildren(...Object.keys(VIEWS).map((name) =>
    make("a", { href: `#${name}`, "data-view": name }, text(`view_${name}`), name === "alarms" ? make("b", { id: "alarm-count" }) : null)));
  page.alarms.showCount();
  route();
}

function route() {
  const [name, argument] = location.hash.slice(1).split("/");
  page.view?.close?.();
  page.tell("");
  const shown = name === "story" ? "search" : name in VIEWS ? name : "live";
  for (const link of find("#tabs").children) {
    if (link.dataset.view === shown) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const main = find("#main");
  main.replaceChildren();
  main.dataset.view = name === "story" ? "story" : shown;
  const Made = name === "story" ? StoryView : VIEWS[shown];
  page.view = new Made(page, main, decodeURIComponent(argument ?? ""));
  showState();
}

/** At a glance: are the shops served, and are these figures of now? */
function showState() {
  const { stream, figures, alarms } = page;
  const state = find("#state");
  const obstacles = figures.sight?.obstacles ?? [];
  const raised = alarms?.counts ?? {};
  let name = "serving";
  let told = text("state_serving", { n: number(figures.sight?.links?.reduce((found, link) => found + link.terminals, 0) ?? 0) });
  if (!stream || stream.ageMs === null) {
    name = stream?.tries > 1 ? "stale" : "waiting";
    told = stream?.why ? text("state_refused", { why: stream.why }) : text(name === "stale" ? "state_silent" : "state_waiting");
  } else if (stream.isStale) {
    name = "stale";
    told = text("state_stale", { age: span(stream.ageMs) });
  } else if (obstacles.length) {
    name = "down";
    told = `${text("state_down")}: ${obstacles.map(inBoth).join(text("comma"))}`;
  } else if (raised.critical || raised.warning) {
    name = raised.critical ? "critical" : "attention";
    told = text("state_alarms", { n: number((raised.critical ?? 0) + (raised.warning ?? 0)) });
  }
  state.dataset.state = name;
  document.documentElement.classList.toggle("stale", name === "stale" || name === "waiting");
  write(state, told);
}

begin().catch((fault) => page.tell(`${text("unreachable")} ${fault.message}`));
