/** The line at the top. */

import type { Definition } from "../data/source.ts";
import { COLORS } from "../draw/colors.ts";
import { type Spacing, SPACINGS } from "../model/axis.ts";
import { activeFile, activePane } from "../model/store.ts";
import { type Actions, SLOWNESS } from "./actions.ts";
import type { App } from "./app.ts";
import { wavOf } from "../sound/wav.ts";
import { button, choice, download, h } from "./dom.ts";

export class Toolbar {
  readonly element = h("header", { class: "toolbar" });
  private readonly play: HTMLButtonElement;
  private readonly record: HTMLButtonElement;
  private readonly loop: HTMLButtonElement;
  private readonly notes: HTMLButtonElement;
  private readonly labels: HTMLButtonElement;
  private readonly windowed: HTMLSelectElement;
  private readonly definition: HTMLButtonElement;
  private readonly colors: HTMLSelectElement;
  private readonly spacing: HTMLSelectElement;
  private readonly slow: HTMLSelectElement;
  private readonly channel: HTMLSelectElement;
  private readonly files: HTMLSelectElement | HTMLElement;
  private channels = 0;

  constructor(
    private readonly app: App,
    actions: Actions,
  ) {
    const { store } = app;
    const { state } = store;
    this.play = button("", "Play the selection, or from the playhead (Space)", () => actions.togglePlay(), "play");
    this.play.append(h("i", {}));
    this.loop = button("Loop", "Repeat the selection (L)", () => store.set({ loop: !app.state.loop }));
    this.slow = choice("Playback speed (S)", SLOWNESS.map((slow) => [String(slow), slow === 1 ? "speed 1" : `\u00f7 ${slow}`]), "1", (value) => actions.setSlow(Number(value)));
    this.channel = choice("Channel", [["mix", "mix"]], "mix", (channel) => {
      app.player.stop();
      store.set({ channel });
    });
    const volume = h("input", { type: "range", min: "0", max: "1", step: "0.01", value: String(state.volume), title: "Volume" });
    volume.setAttribute("aria-label", "Volume");
    volume.addEventListener("input", () => app.player.setVolume(Number(volume.value)));
    volume.addEventListener("change", () => volume.blur());
    this.definition = button("Definition", "Change the front end, compare two (D)", () => app.frame.openDefinitions());
    this.spacing = choice("Spacing of the frequency axis (X)", SPACINGS.map((name) => [name, name === "bands" ? "equal bands" : name]), state.spacing, (spacing) =>
      store.set({ spacing: spacing as Spacing, hertz: null }),
    );
    this.notes = button("Notes", "Names of notes on the frequency axis (N)", () => store.set({ notes: !app.state.notes }));
    this.colors = choice("Color map (C)", COLORS.map((name) => [name, name]), state.colors, (colors) => store.set({ colors }));
    const scopes = [["file", "normalize file"], ["window", "normalize window"]] as const;
    this.windowed = choice("Statistics of per-clip normalization: of the whole file, or of the window under the pointer, as a model gets it (W)", scopes, "file", (scope) => store.set({ windowed: scope === "window" }));
    this.labels = button("Labels", "List of labels (T)", () => store.set({ labelPanel: !app.state.labelPanel }));
    this.files = this.fileChoice();
    const { recorder } = app.source;
    this.record = button("Record", "Start a new recording, or end it (M)", () => void app.toggleRecorder(), "record");
    const save = button("Save", "Save the recording as a WAV file", () => download("recording.wav", wavOf(recorder!.samples(), recorder!.rate()), "audio/wav"));
    this.element.append(
      ...(recorder ? [group(this.record, save)] : []),
      group(this.files, ...this.more(), this.channel),
      group(this.play, this.loop, this.slow, volume),
      group(button("Fit", "Show the whole recording (0)", () => actions.whole()), button("\u2212", "Zoom out (\u2193)", () => actions.zoom(2)), button("+", "Zoom in (\u2191)", () => actions.zoom(0.5))),
      group(this.definition, this.windowed),
      group(this.spacing, this.notes, this.colors, button("Levels", "Suggested color range (R)", () => app.ranges.reset(activePane(app.state)))),
      h("span", { class: "space" }),
      group(this.labels, button("Theme", "Dark or light (Shift+T)", () => actions.toggleTheme()), button("?", "Keys and help (?)", () => app.frame.openHelp())),
    );
  }

  private more(): HTMLElement[] {
    const { session } = this.app.state;
    if (session.folder !== null || session.files.length < 2) return [];
    return [button("+", "Show the next recording in a new pane", () => this.addNext())];
  }

  private fileChoice(): HTMLElement {
    const { session } = this.app.state;
    if (session.folder !== null) return button(`${session.folder}/`, "Recordings of the folder (O)", () => this.app.frame.openFolder());
    if (session.files.length < 2) return h("span", { class: "filename", textContent: session.files[0].name });
    return choice("Recording", session.files.map((file) => [file.id, file.name]), session.files[0].id, (id) => this.open(id, true));
  }

  /** Show the next recording below the others, on the same clock. */
  private addNext(): void {
    const { session, panes } = this.app.state;
    const next = session.files.find(({ id }) => !panes.some((pane) => pane.file === id));
    if (next) this.open(next.id, false);
    else this.app.say("all recordings are shown");
  }

  private open(id: string, replace: boolean): void {
    this.app.openFile(id, replace).catch((error: Error) => this.app.say(error));
  }

  /** Whether a window can be computed alone: by the server, or by the engine of the page. */
  private canBeWindowed(definition: Definition): boolean {
    return definition.per_clip && (this.app.source.isLive || definition.engine === "WebAssembly");
  }

  draw(): void {
    const { state } = this.app;
    press(this.play, state.playing);
    press(this.record, this.app.source.recorder?.isOn ?? false);
    press(this.loop, state.loop);
    press(this.notes, state.notes);
    press(this.labels, state.labelPanel);
    this.windowed.value = state.windowed ? "window" : "file";
    this.windowed.hidden = !state.panes.some((pane) => this.canBeWindowed(state.definitions.get(pane.definition)!));
    this.colors.value = state.colors;
    this.spacing.value = state.spacing;
    this.slow.value = String(state.slow);
    if (this.files instanceof HTMLSelectElement) this.files.value = activePane(state).file;
    const { channels } = activeFile(state);
    this.channel.hidden = channels < 2;
    if (channels !== this.channels) {
      this.channels = channels;
      const names = Array.from({ length: channels }, (_, index) => h("option", { value: String(index), textContent: `channel ${index + 1}` }));
      this.channel.replaceChildren(h("option", { value: "mix", textContent: "mix" }), ...names);
    }
    this.channel.value = state.channel;
  }
}

function group(...parts: HTMLElement[]): HTMLElement {
  return h("div", { class: "group" }, ...parts);
}

function press(element: HTMLElement, isOn: boolean): void {
  element.setAttribute("aria-pressed", String(isOn));
}
