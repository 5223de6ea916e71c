/** Scores of a model under the picture: a curve for each label, the threshold, and the events above it. */

import type { Event, Model, Verdict } from "../data/source.ts";
import type { Geometry } from "./geometry.ts";
import { clip, type Plane } from "./marks.ts";
import { font, type Ink } from "./surface.ts";

/** Rows of start, end and one score for each label. */
export interface Scores {
  readonly rows: Float64Array;
  readonly count: number;
  readonly complete: boolean;
}

const EVENT_HEIGHT = 13;
/** Curves that are drawn: those with the highest scores on the screen. */
const MAX_CURVES = 6;
const DASHES = [[], [5, 3], [2, 2], [8, 3, 2, 3], [1, 3], [10, 4]];

/** Return the pixel of a score between the strip's top and bottom. */
export function scorePixel(at: Geometry, score: number): number {
  const top = at.scores.top + EVENT_HEIGHT * at.ratio;
  return top + (1 - score) * (at.scores.top + at.scores.height - top - 1);
}

export function scoreAt(at: Geometry, pixel: number): number {
  const top = at.scores.top + EVENT_HEIGHT * at.ratio;
  return Math.min(Math.max(1 - (pixel - top) / (at.scores.top + at.scores.height - top - 1), 0), 1);
}

export function drawCurves(
  context: CanvasRenderingContext2D,
  at: Geometry,
  plane: Plane,
  scores: Scores | undefined,
  model: Model,
  threshold: number,
  events: readonly Event[],
  verdicts: readonly Verdict[],
  current: number,
  ink: Ink,
): void {
  const { scores: box, ratio } = at;
  context.fillStyle = ink.line;
  context.fillRect(box.left, box.top, box.width, 1);
  context.fillRect(box.left, box.top + box.height, box.width, 1);
  context.save();
  clip(context, { ...box, top: at.plot.top, height: box.top + box.height - at.plot.top });
  if (scores) loudest(scores, model, plane).forEach((label, index) => drawCurve(context, at, plane, scores, model, label, index, ink));
  events.forEach((event, index) => drawEvent(context, at, plane, event, verdicts, index === current, ink));
  context.restore();
  const y = Math.round(scorePixel(at, threshold));
  context.fillStyle = ink.accent;
  context.fillRect(box.left, y, box.width, Math.max(Math.floor(ratio), 1));
  context.font = font(10.5, ratio);
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillText(threshold.toFixed(2), box.left - 9 * ratio, y);
  context.fillStyle = ink.faint;
  for (const [score, text] of [[0, "0"], [1, "1"]] as const) {
    if (Math.abs(score - threshold) > 0.2) context.fillText(text, box.left - 9 * ratio, scorePixel(at, score));
  }
}

/** Return the labels with the highest scores on the screen. */
function loudest(scores: Scores, model: Model, plane: Plane): number[] {
  const width = 2 + model.labels.length;
  const highest = new Float64Array(model.labels.length);
  for (let row = 0; row < scores.count; row++) {
    if (scores.rows[row * width + 1] < plane.time.span.start || scores.rows[row * width] > plane.time.span.stop) continue;
    for (let label = 0; label < highest.length; label++) highest[label] = Math.max(highest[label], scores.rows[row * width + 2 + label]);
  }
  const order = [...highest.keys()].sort((a, b) => highest[b] - highest[a]);
  return order.slice(0, MAX_CURVES).filter((label) => highest[label] > 0.02);
}

function drawCurve(context: CanvasRenderingContext2D, at: Geometry, plane: Plane, scores: Scores, model: Model, label: number, index: number, ink: Ink): void {
  const width = 2 + model.labels.length;
  context.beginPath();
  let best = -1;
  let place = 0;
  let previous = -Infinity;
  for (let row = 0; row < scores.count; row++) {
    const middle = (scores.rows[row * width] + scores.rows[row * width + 1]) / 2;
    const x = at.plot.left + plane.time.pixel(middle);
    const score = scores.rows[row * width + 2 + label];
    if (x > at.plot.left && x < at.plot.left + at.plot.width && score > best) [best, place] = [score, x];
    if (x < at.plot.left - 4000 || x > at.plot.left + at.plot.width + 4000 || x - previous < 0.25) continue;
    context.lineTo(x, scorePixel(at, score));
    previous = x;
  }
  context.setLineDash(DASHES[index].map((size) => size * at.ratio));
  context.strokeStyle = index === 0 ? ink.warm : ink.text;
  context.globalAlpha = index === 0 ? 1 : 0.65;
  context.lineWidth = 1.2 * at.ratio;
  context.stroke();
  context.setLineDash([]);
  if (best > 0.08) {
    context.font = font(10.5, at.ratio);
    context.textAlign = "center";
    context.textBaseline = "bottom";
    context.fillStyle = ink.warm;
    context.fillText(model.labels[label], place, Math.max(scorePixel(at, best) - 2 * at.ratio, at.scores.top + (EVENT_HEIGHT + 12) * at.ratio));
  }
  context.globalAlpha = 1;
}

function drawEvent(context: CanvasRenderingContext2D, at: Geometry, plane: Plane, event: Event, verdicts: readonly Verdict[], isCurrent: boolean, ink: Ink): void {
  const left = Math.round(at.plot.left + plane.time.pixel(event.start));
  const right = Math.max(Math.round(at.plot.left + plane.time.pixel(event.end)), left + 2);
  if (right < at.plot.left || left > at.plot.left + at.plot.width) return;
  const verdict = verdicts.find((item) => item.label === event.label && item.start !== null && Math.abs(item.start - event.start) < 0.001)?.verdict;
  const height = Math.round((EVENT_HEIGHT - 2) * at.ratio);
  context.fillStyle = isCurrent ? ink.accent : verdict === "no" ? ink.line : "rgb(79 195 255 / 0.35)";
  context.fillRect(left, at.scores.top + 1, right - left - 1, height);
  const mark = verdict === "yes" ? "\u2713 " : verdict === "no" ? "\u2717 " : "";
  context.font = font(10, at.ratio);
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillStyle = isCurrent ? "#06121b" : ink.text;
  const text = `${mark}${event.label} ${event.score.toFixed(2)}`;
  if (context.measureText(text).width < right - left - 6 * at.ratio) context.fillText(text, Math.max(left, at.plot.left) + 4 * at.ratio, at.scores.top + 1 + height / 2);
  else if (mark) context.fillText(mark, left + 1, at.scores.top + 1 + height / 2);
}
