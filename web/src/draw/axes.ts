/** Axes, the color bar and the strip of the whole recording. */

import { BandRuler } from "../model/axis.ts";
import type { Range } from "../model/axis.ts";
import type { Ruler } from "../model/clock.ts";
import { bandTicks, NOTE_NAMES, roundStep, timeTicks, type Tick } from "../model/ticks.ts";
import type { Palette } from "./colors.ts";
import type { Geometry } from "./geometry.ts";
import { type Box, font, type Ink } from "./surface.ts";

const TICK_DISTANCE = 26;
const TIME_DISTANCE = 92;

export function drawBandAxis(context: CanvasRenderingContext2D, at: Geometry, ruler: BandRuler, row: string, notes: boolean, ink: Ink): void {
  const { ratio, plot } = at;
  const ticks = bandTicks(ruler, TICK_DISTANCE * ratio, notes);
  const edge = plot.left;
  context.font = font(11, ratio);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const tick of ticks) {
    const y = plot.top + Math.min(Math.round(tick.pixel), plot.height - 1);
    const size = tick.major ? 6 : 3;
    context.fillStyle = tick.major ? ink.faint : ink.line;
    context.fillRect(edge - Math.round(size * ratio), y, Math.round(size * ratio) - 1, Math.max(Math.floor(ratio), 1));
    context.fillStyle = ink.text;
    const place = Math.min(Math.max(y, plot.top + 6 * ratio), plot.top + plot.height - 6 * ratio);
    if (tick.major) context.fillText(row === "pitch class" ? (NOTE_NAMES[Number(tick.text)] ?? tick.text) : tick.text, edge - 9 * ratio, place);
  }
  context.save();
  context.translate(9 * ratio, plot.top + plot.height / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillStyle = ink.faint;
  context.font = font(10.5, ratio);
  context.fillText(axisName(ruler, row, notes), 0, 0);
  context.restore();
}

function axisName(ruler: BandRuler, row: string, notes: boolean): string {
  if (!ruler.axis.hasHertz) return row;
  return notes ? "note" : "frequency (Hz)";
}

export function drawTimeAxis(context: CanvasRenderingContext2D, box: Box, ruler: Ruler, ratio: number, ink: Ink): Tick[] {
  const ticks = timeTicks(ruler, TIME_DISTANCE * ratio);
  context.font = font(11, ratio);
  context.textBaseline = "top";
  for (const tick of ticks) {
    const x = box.left + Math.min(Math.round(tick.pixel), box.width - 1);
    context.fillStyle = tick.major ? ink.faint : ink.line;
    context.fillRect(x, box.top, Math.max(Math.floor(ratio), 1), Math.round((tick.major ? 6 : 3) * ratio));
    if (!tick.major) continue;
    const half = context.measureText(tick.text).width / 2;
    context.textAlign = "center";
    context.fillStyle = ink.text;
    context.fillText(tick.text, Math.min(x, box.left + box.width + 60 * ratio - half), box.top + 8 * ratio);
  }
  context.textAlign = "left";
  context.fillStyle = ink.faint;
  context.fillText(unitOf(ruler), 5 * ratio, box.top + 8 * ratio);
  return ticks;
}

function unitOf(ruler: Ruler): string {
  if (ruler.span.stop < 60) return "s";
  return ruler.span.stop < 3600 ? "m:ss" : "";
}

/** Values at both ends of the color bar: the suggested range and a part below and above it. */
export function barRange(suggested: Range, levels: Range): Range {
  const size = suggested.high - suggested.low;
  return {
    low: Math.min(suggested.low - 0.3 * size, levels.low - 0.05 * size),
    high: Math.max(suggested.high + 0.1 * size, levels.high + 0.05 * size),
  };
}

/** Draw the color bar: the colors between both levels, with a handle at each. */
export function drawBar(
  context: CanvasRenderingContext2D,
  at: Geometry,
  colors: Palette,
  levels: Range,
  range: Range,
  unit: string,
  ink: Ink,
): void {
  const { bar, ratio } = at;
  const y = (value: number) => bar.top + ((range.high - value) / (range.high - range.low)) * bar.height;
  const [top, bottom] = [Math.round(y(levels.high)), Math.round(y(levels.low))];
  context.fillStyle = css(colors.pixels[255]);
  context.fillRect(bar.left, bar.top, bar.width, top - bar.top);
  context.fillStyle = css(colors.pixels[0]);
  context.fillRect(bar.left, bottom, bar.width, bar.top + bar.height - bottom);
  const colored = context.createLinearGradient(0, bottom, 0, top);
  for (let stop = 0; stop <= 32; stop++) colored.addColorStop(stop / 32, css(colors.pixels[Math.round((stop / 32) * 255)]));
  context.fillStyle = colored;
  context.fillRect(bar.left, top, bar.width, bottom - top);
  context.strokeStyle = ink.line;
  context.strokeRect(bar.left - 0.5, bar.top - 0.5, bar.width + 1, bar.height + 1);
  const step = roundStep(((range.high - range.low) * 34 * ratio) / bar.height);
  context.font = font(10.5, ratio);
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillStyle = ink.faint;
  const right = bar.left + bar.width;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  for (let value = Math.ceil(range.low / step) * step; value <= range.high; value += step) {
    context.fillRect(right + 2, Math.round(y(value)), Math.round(3 * ratio), 1);
    context.fillText(minus(value.toFixed(decimals)), right + 8 * ratio, Math.round(y(value)));
  }
  context.save();
  context.translate(at.width - 8 * ratio, bar.top + bar.height / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText(fit(context, unit, bar.height), 0, 0);
  context.restore();
  context.fillStyle = ink.accent;
  for (const value of [levels.low, levels.high]) {
    const place = Math.round(y(value));
    context.fillRect(bar.left - Math.round(3 * ratio), place - Math.round(ratio), bar.width + Math.round(6 * ratio), Math.round(2 * ratio));
  }
}

function css(pixel: number): string {
  return `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
}

/** Return a text cut so that it is no wider than `width` pixels. */
export function fit(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let size = text.length;
  while (size > 1 && context.measureText(`${text.slice(0, size)}\u2026`).width > width) size--;
  return `${text.slice(0, size)}\u2026`;
}

/** Return a number as text with a minus sign instead of a hyphen, and no negative zero. */
export function minus(text: string): string {
  return text.replace(/^-(?=0\.?0*$)/, "").replace("-", "\u2212");
}
