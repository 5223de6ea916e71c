/** The state at the start, and the choices that outlive a reload. */

import type { OpenFile, Session } from "../data/source.ts";
import { SPACINGS } from "../model/axis.ts";
import type { State } from "../model/store.ts";

const KEY = "sonogram";
const KEPT = ["colors", "theme", "spacing", "notes", "volume", "labelPanel", "follow"] as const;

export function initialState(session: Session, file: OpenFile): State {
  const isLight = matchMedia("(prefers-color-scheme: light)").matches;
  const definitions = new Map(session.definitions.map((definition) => [definition.id, definition]));
  const panes = session.definitions.map((definition, id) => ({ id, file: file.id, definition: definition.id, minus: null }));
  const model = session.models[0] ?? null;
  return {
    session,
    files: new Map([[file.id, file]]),
    definitions,
    panes,
    active: 0,
    channel: "mix",
    view: { start: 0, stop: Math.max(file.seconds, 0.002) },
    hertz: null,
    index: null,
    spacing: "bands",
    notes: false,
    colors: "magma",
    theme: isLight ? "light" : "dark",
    levels: new Map(),
    pointer: null,
    selection: null,
    label: null,
    playhead: 0,
    playing: false,
    loop: false,
    slow: 1,
    volume: 1,
    follow: true,
    labelPanel: false,
    model,
    threshold: model?.threshold ?? 0.5,
    windowed: false,
    windowSeconds: model?.window ?? 2,
    message: "",
    failed: false,
    ...stored(),
  };
}

export function keep(state: State): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(KEPT.map((name) => [name, state[name]]))));
  } catch {
    // Without storage the choices last until the page is closed.
  }
}

function stored(): Partial<State> {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<State>;
    const known = Object.fromEntries(KEPT.filter((name) => name in kept).map((name) => [name, kept[name]])) as Partial<State>;
    return known.spacing && !SPACINGS.includes(known.spacing) ? {} : known;
  } catch {
    return {};
  }
}
