/** Labels, selection, pointer and playhead over a picture. */

import type { BandRuler } from "../model/axis.ts";
import type { Ruler } from "../model/clock.ts";
import type { Label } from "../model/labels.ts";
import type { Selection } from "../model/store.ts";
import { fit } from "./axes.ts";
import { type Box, font, type Ink } from "./surface.ts";

/** The rulers of a picture and where it lies on the canvas. */
export interface Plane {
  readonly plot: Box;
  readonly time: Ruler;
  readonly bands: BandRuler;
  readonly ratio: number;
}

export type Part = "move" | "start" | "end" | "low" | "high";

export interface Grip {
  readonly key: number;
  readonly parts: readonly Part[];
}

/** Return the box of a span on the canvas; one without frequencies is as high as the plot. */
export function boxOf(span: { start: number; low: number | null; high: number | null }, stop: number, plane: Plane): Box {
  const { plot, time, bands } = plane;
  const left = plot.left + time.pixel(span.start);
  const right = plot.left + time.pixel(stop);
  const top = span.high === null ? plot.top : plot.top + bands.pixel(span.high);
  const bottom = span.low === null ? plot.top + plot.height : plot.top + bands.pixel(span.low);
  return { left, top, width: right - left, height: bottom - top };
}

export function drawLabels(context: CanvasRenderingContext2D, labels: readonly Label[], selected: number | null, plane: Plane, ink: Ink): void {
  context.save();
  clip(context, plane.plot);
  for (const label of labels) {
    if (label.end < plane.time.span.start || label.start > plane.time.span.stop) continue;
    if (label.key !== selected) drawLabel(context, label, false, plane, ink);
  }
  const label = labels.find(({ key }) => key === selected);
  if (label) drawLabel(context, label, true, plane, ink);
  context.restore();
}

function drawLabel(context: CanvasRenderingContext2D, label: Label, isSelected: boolean, plane: Plane, ink: Ink): void {
  const { plot, ratio } = plane;
  const box = boxOf(label, label.end, plane);
  const left = Math.round(Math.max(box.left, plot.left - 9));
  const right = Math.round(Math.min(box.left + box.width, plot.left + plot.width + 9));
  const top = Math.round(Math.max(box.top, plot.top - 9));
  const bottom = Math.round(Math.min(box.top + box.height, plot.top + plot.height + 9));
  const line = Math.max(Math.round(ratio * (isSelected ? 2 : 1)), 1);
  const stroke = isSelected ? "#ffffff" : ink.dark ? ink.accent : "#7fd4ff";
  context.fillStyle = isSelected ? "rgb(79 195 255 / 0.08)" : "rgb(79 195 255 / 0.05)";
  context.fillRect(left, top, right - left, bottom - top);
  const isBox = label.low !== null && label.high !== null;
  if (isBox) frame(context, left, top, right, bottom, line + 2, "rgb(0 0 0 / 0.55)");
  else edges(context, left, top, right, bottom, line + 2, "rgb(0 0 0 / 0.45)");
  if (isBox) frame(context, left, top, right, bottom, line, stroke);
  else edges(context, left, top, right, bottom, line, stroke);
  if (label.text) tag(context, label.text, Math.max(left, plot.left), Math.max(top, plot.top), right, plot, isSelected, ratio);
}

function frame(context: CanvasRenderingContext2D, left: number, top: number, right: number, bottom: number, line: number, stroke: string): void {
  context.strokeStyle = stroke;
  context.lineWidth = line;
  context.strokeRect(left + 0.5, top + 0.5, right - left, bottom - top);
}

function edges(context: CanvasRenderingContext2D, left: number, top: number, right: number, bottom: number, line: number, stroke: string): void {
  context.fillStyle = stroke;
  const half = Math.floor(line / 2);
  context.fillRect(left - half, top, line, bottom - top);
  context.fillRect(right - half, top, line, bottom - top);
}

function tag(context: CanvasRenderingContext2D, text: string, left: number, top: number, right: number, plot: Box, isSelected: boolean, ratio: number): void {
  context.font = font(11, ratio);
  context.textAlign = "left";
  context.textBaseline = "middle";
  const height = Math.round(15 * ratio);
  const shown = fit(context, text, Math.max(right - left - 8 * ratio, 60 * ratio));
  const width = Math.round(context.measureText(shown).width + 8 * ratio);
  const place = Math.min(Math.max(left, plot.left), plot.left + plot.width - width);
  context.fillStyle = isSelected ? "#ffffff" : "rgb(10 14 18 / 0.78)";
  context.fillRect(place, top, width, height);
  context.fillStyle = isSelected ? "#0c1a24" : "#bfe8ff";
  context.fillText(shown, place + 4 * ratio, top + height / 2 + ratio / 2);
}

/** Draw the selection. Its tint is faint, so that the colors of the features can be compared. */
export function drawSelection(context: CanvasRenderingContext2D, selection: Selection, plane: Plane, wave: Box): void {
  const { plot } = plane;
  const box = boxOf(selection, selection.stop, plane);
  const [left, right] = [Math.round(box.left), Math.round(box.left + box.width)];
  context.save();
  clip(context, { ...plot, top: wave.top, height: plot.top + plot.height - wave.top });
  context.fillStyle = "rgb(79 195 255 / 0.16)";
  context.fillRect(left, wave.top, right - left, wave.height);
  context.fillStyle = "rgb(79 195 255 / 0.05)";
  context.fillRect(left, box.top, right - left, box.height);
  context.setLineDash([4 * plane.ratio, 3 * plane.ratio]);
  for (const [color, offset] of [["rgb(0 0 0 / 0.8)", 0], ["#ffffff", 4 * plane.ratio]] as const) {
    context.lineDashOffset = offset;
    context.strokeStyle = color;
    context.lineWidth = Math.max(Math.round(plane.ratio), 1);
    context.strokeRect(left + 0.5, Math.round(box.top) + 0.5, right - left - 1, Math.round(box.height) - 1);
  }
  context.restore();
}

/** Draw a vertical line at a time, through waveform and picture. */
export function drawTime(context: CanvasRenderingContext2D, seconds: number, plane: Plane, top: number, bottom: number, color: string, width: number): void {
  const x = plane.plot.left + Math.floor(plane.time.pixel(seconds));
  if (x < plane.plot.left || x >= plane.plot.left + plane.plot.width) return;
  context.fillStyle = color;
  context.fillRect(x, top, Math.max(Math.round(width * plane.ratio), 1), bottom - top);
}

export function drawPointer(context: CanvasRenderingContext2D, seconds: number, value: number | null, plane: Plane, top: number, bottom: number): void {
  drawTime(context, seconds, plane, top, bottom, "rgb(255 255 255 / 0.42)", 1);
  if (value === null) return;
  const y = plane.plot.top + Math.floor(plane.bands.pixel(value));
  if (y < plane.plot.top || y >= plane.plot.top + plane.plot.height) return;
  context.fillRect(plane.plot.left, y, plane.plot.width, Math.max(Math.round(plane.ratio), 1));
}

/** Return the label at a place of the canvas and the parts of it that a drag moves. */
export function gripAt(x: number, y: number, labels: readonly Label[], selected: number | null, plane: Plane): Grip | null {
  const near = 5 * plane.ratio;
  const order = labels.toSorted((a, b) => Number(b.key === selected) - Number(a.key === selected) || a.end - a.start - (b.end - b.start));
  for (const label of order) {
    const box = boxOf(label, label.end, plane);
    const [right, bottom] = [box.left + box.width, box.top + box.height];
    if (x < box.left - near || x > right + near || y < box.top - near || y > bottom + near) continue;
    const parts: Part[] = [];
    if (label.key === selected) {
      if (Math.abs(x - box.left) <= near) parts.push("start");
      else if (Math.abs(x - right) <= near) parts.push("end");
      if (label.high !== null && Math.abs(y - box.top) <= near) parts.push("high");
      else if (label.low !== null && Math.abs(y - bottom) <= near) parts.push("low");
    }
    const isInside = x >= box.left && x <= right && y >= box.top && y <= bottom;
    if (parts.length || isInside) return { key: label.key, parts: parts.length ? parts : ["move"] };
  }
  return null;
}

export function clip(context: CanvasRenderingContext2D, box: Box): void {
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
}
