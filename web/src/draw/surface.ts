/** Canvases whose pixels are those of the device, and the colors of a theme. */

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Ink {
  readonly text: string;
  readonly faint: string;
  readonly line: string;
  readonly panel: string;
  readonly wave: string;
  readonly accent: string;
  readonly warm: string;
  readonly shade: string;
  readonly dark: boolean;
}

export const INKS: Readonly<Record<"dark" | "light", Ink>> = {
  dark: {
    text: "#c9cbd3",
    faint: "#82858f",
    line: "#35373f",
    panel: "#141519",
    wave: "#7e828e",
    accent: "#4fc3ff",
    warm: "#ffffff",
    shade: "rgb(8 9 12 / 0.72)",
    dark: true,
  },
  light: {
    text: "#24262c",
    faint: "#6d707a",
    line: "#d4d6dc",
    panel: "#fbfbfc",
    wave: "#8b8f9b",
    accent: "#0a84d6",
    warm: "#101114",
    shade: "rgb(255 255 255 / 0.8)",
    dark: false,
  },
};

export const FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif";

/** A canvas at a place in whole device pixels. */
export class Surface {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;

  constructor(parent: HTMLElement, className: string, readBack = false) {
    this.canvas = document.createElement("canvas");
    this.canvas.className = className;
    parent.append(this.canvas);
    this.context = this.canvas.getContext("2d", { willReadFrequently: readBack })!;
  }

  /** Place the canvas. Setting a size clears it, so this is done only where the size differs. */
  place(box: Box, ratio: number): void {
    const { style } = this.canvas;
    style.left = `${box.left / ratio}px`;
    style.top = `${box.top / ratio}px`;
    style.width = `${box.width / ratio}px`;
    style.height = `${box.height / ratio}px`;
    if (this.canvas.width !== box.width || this.canvas.height !== box.height) {
      this.canvas.width = box.width;
      this.canvas.height = box.height;
    }
  }

  clear(): CanvasRenderingContext2D {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    return this.context;
  }
}

/** Return the size of fonts and the fonts of a canvas, in device pixels. */
export function font(size: number, ratio: number, weight = ""): string {
  return `${weight} ${size * ratio}px ${FONT}`;
}
