/** The keyboard: everything that the mouse does. The help sheet is made of the same list. */

import type { Actions } from "./actions.ts";
import type { App } from "./app.ts";
import type { Frame } from "./frame.ts";

export interface Key {
  /** Keys as `KeyboardEvent.key`, with the modifiers in front; the first is the one that the help shows. */
  readonly keys: readonly string[];
  readonly text: string;
  readonly action: () => void;
}

export interface Group {
  readonly name: string;
  readonly keys: readonly Key[];
}

let groups: readonly Group[] = [];

export function keyGroups(): readonly Group[] {
  return groups;
}

export function bindKeys(app: App, actions: Actions, frame: Frame): void {
  groups = table(app, actions, frame);
  const actionOf = new Map(groups.flatMap(({ keys }) => keys.flatMap((key) => key.keys.map((name) => [name, key.action] as const))));
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || isTyping(event) || document.querySelector("dialog[open]")) return;
    const action = actionOf.get(nameOf(event));
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function isTyping(event: KeyboardEvent): boolean {
  const element = event.target as HTMLElement;
  if (element instanceof HTMLInputElement && element.type === "range") return false;
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement;
}

/** Return the name of a key press: printed characters without Shift, other keys with all modifiers. */
function nameOf(event: KeyboardEvent): string {
  const isPrinted = event.key.length === 1 && event.key !== " ";
  const isLetter = /^[a-z]$/i.test(event.key);
  const modifiers = [
    event.ctrlKey || event.metaKey ? "Ctrl" : "",
    event.altKey ? "Alt" : "",
    event.shiftKey && (!isPrinted || isLetter) ? "Shift" : "",
  ].filter(Boolean);
  const key = event.key === " " ? "Space" : isLetter ? event.key.toUpperCase() : event.key;
  return [...modifiers, key].join("+");
}

function key(names: string, text: string, action: () => void): Key {
  return { keys: names.split(" "), text, action };
}

function table(app: App, a: Actions, frame: Frame): Group[] {
  const { store } = app;
  return [
    {
      name: "Time",
      keys: [
        key("ArrowUp + =", "zoom in", () => a.zoom(1 / 1.5)),
        key("ArrowDown -", "zoom out", () => a.zoom(1.5)),
        key("ArrowLeft", "move left", () => a.pan(-0.15)),
        key("ArrowRight", "move right", () => a.pan(0.15)),
        key("PageUp", "previous screen", () => a.pan(-0.9)),
        key("PageDown", "next screen", () => a.pan(0.9)),
        key("0", "whole recording", () => a.whole()),
        key("Z", "zoom to the selection", () => a.zoomToSelection()),
      ],
    },
    {
      name: "Frequency",
      keys: [
        key("Shift+ArrowUp", "zoom in", () => a.zoomBands(1 / 1.4)),
        key("Shift+ArrowDown", "zoom out", () => a.zoomBands(1.4)),
        key("Alt+ArrowUp", "move up", () => a.panBands(0.15)),
        key("Alt+ArrowDown", "move down", () => a.panBands(-0.15)),
        key("X", "spacing of the axis", () => a.nextSpacing()),
        key("N", "names of notes", () => store.set({ notes: !app.state.notes })),
      ],
    },
    {
      name: "Colors",
      keys: [
        key("G", "brighter", () => a.gain(-0.05)),
        key("Shift+G", "darker", () => a.gain(0.05)),
        key("B", "more contrast", () => a.contrast(0.06)),
        key("Shift+B", "less contrast", () => a.contrast(-0.06)),
        key("R", "suggested range", () => app.ranges.reset(app.activeView.pane)),
        key("C", "next color map", () => a.nextColors()),
        key("Shift+T", "dark or light", () => a.toggleTheme()),
      ],
    },
    {
      name: "Sound",
      keys: [
        key("M", "start or end a recording", () => void app.toggleRecorder()),
        key("Space", "play the selection, or from the playhead", () => a.togglePlay()),
        key("Shift+Space", "play from the playhead", () => a.togglePlay(true)),
        key("L", "repeat the selection", () => store.set({ loop: !app.state.loop })),
        key("S", "slower: \u00f7 2 to \u00f7 32", () => a.nextSlow()),
        key(",", "playhead left", () => a.stepPlayhead(-0.01)),
        key(".", "playhead right", () => a.stepPlayhead(0.01)),
        key("Home", "playhead to the start", () => a.movePlayhead(0)),
        key("End", "playhead to the end", () => a.movePlayhead(Infinity)),
      ],
    },
    {
      name: "Selection and labels",
      keys: [
        key("[", "start of the selection at the playhead", () => a.mark("start")),
        key("]", "end of the selection at the playhead", () => a.mark("stop")),
        key("Ctrl+ArrowLeft", "start earlier", () => a.nudge("start", -2)),
        key("Ctrl+ArrowRight", "start later", () => a.nudge("start", 2)),
        key("Ctrl+Shift+ArrowLeft", "end earlier", () => a.nudge("stop", -2)),
        key("Ctrl+Shift+ArrowRight", "end later", () => a.nudge("stop", 2)),
        key("Ctrl+ArrowUp", "high frequency up", () => a.nudge("high", 2)),
        key("Ctrl+ArrowDown", "high frequency down", () => a.nudge("high", -2)),
        key("Ctrl+Shift+ArrowUp", "low frequency up", () => a.nudge("low", 2)),
        key("Ctrl+Shift+ArrowDown", "low frequency down", () => a.nudge("low", -2)),
        key("Enter", "label the selection, or edit the text", () => a.label()),
        key("J", "next label", () => a.stepLabel(1)),
        key("K", "previous label", () => a.stepLabel(-1)),
        key("Delete Backspace", "delete the label", () => a.deleteLabel()),
        key("Ctrl+Z", "undo", () => a.undo()),
        key("Ctrl+Shift+Z Ctrl+Y", "redo", () => a.redo()),
        key("T", "list of labels", () => store.set({ labelPanel: !app.state.labelPanel })),
        key("Escape", "select nothing", () => a.escape()),
      ],
    },
    {
      name: "Definitions and panes",
      keys: [
        key("D", "definition of the pane", () => frame.openDefinitions()),
        key("Shift+D", "difference of two definitions", () => a.addDifference()),
        key("W", "normalize one window", () => store.set({ windowed: !app.state.windowed })),
        key("P", "next pane", () => a.nextPane()),
        key("Shift+P", "close the pane", () => app.closePane(app.state.active)),
      ],
    },
    {
      name: "Model and folder",
      keys: [
        key("E", "next event", () => a.stepEvent(1)),
        key("Shift+E", "previous event", () => a.stepEvent(-1)),
        key("A", "agree with the event", () => a.judge("yes")),
        key("Shift+A", "disagree", () => a.judge("no")),
        key("Shift+U", "take the verdict back", () => a.judge(null)),
        key("O", "recordings of the folder", () => frame.openFolder()),
        key("?", "this sheet", () => frame.openHelp()),
      ],
    },
  ];
}
