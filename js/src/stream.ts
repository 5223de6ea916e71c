/** Features of a clip whose samples arrive in pieces: the same bits as those of the whole clip. */

import { condition } from "./conditioning.ts";
import { ContextBuffer, StackBuffer, applyDeltas, numDeltas } from "./context.ts";
import type { FrontendDefinition, Stack } from "./definition.ts";
import { numFrames, numRows, numValid, padLeft } from "./framing.ts";
import type { FloatFrontend } from "./frontend.ts";
import { type Features, type Samples, type Stream, checkUnfinished, oneChannel } from "./interface.ts";
import { RunningMeanState, normalize } from "./normalize.ts";
import { PcenState } from "./scaling.ts";
import type { Floats, Values } from "./values.ts";

export class FloatStream implements Stream {
  private readonly definition: FrontendDefinition;
  private readonly pcen: PcenState | null;
  private readonly stages: ((values: Values, isLast: boolean) => Values)[] = [];
  /** Conditioned samples that later frames cover, from `base` on. */
  private clip: Float32Array<ArrayBuffer> = new Float32Array(0);
  private base = 0;
  private previous: number | null = null;
  private frame = 0;
  private rows = 0;
  private isFinished = false;

  constructor(private readonly frontend: FloatFrontend) {
    const { definition } = frontend;
    this.definition = definition;
    this.pcen = definition.scaling?.type === "Pcen" ? new PcenState(definition.scaling) : null;
    this.addStages(definition);
  }

  private addStages({ deltas, normalize: rule, tolerance, stack }: FrontendDefinition): void {
    const add = (stage: { push(values: Values, isLast: boolean): Values }) => this.stages.push((values, isLast) => stage.push(values, isLast));
    if (deltas) add(new ContextBuffer((values) => applyDeltas(deltas, values), deltas.lookback, (frames) => numDeltas(deltas, frames)));
    if (rule?.type === "RunningMean") add(new RunningMeanState(rule));
    else if (rule?.type === "SlidingMean") add(new ContextBuffer((values) => normalize(rule, values, tolerance), rule.before, (frames) => (frames >= rule.minimum ? frames : 0)));
    else if (rule) this.stages.push((values) => normalize(rule, values, tolerance));
    if (stack) add(new StackBuffer(this.definition as FrontendDefinition & { stack: Stack }));
  }

  push(samples: Samples | Float64Array<ArrayBuffer>): Features {
    checkUnfinished(this.isFinished);
    const own = oneChannel<Floats>(samples);
    if (own.length) {
      const added = condition(this.definition, own, this.previous);
      this.previous = own[own.length - 1];
      const clip = new Float32Array(this.clip.length + added.length);
      clip.set(this.clip);
      clip.set(added, this.clip.length);
      this.clip = clip;
    }
    return this.next(this.numComplete(), false);
  }

  /** The rows after the valid frames are 0. */
  finish(): Features {
    checkUnfinished(this.isFinished);
    this.isFinished = true;
    const result = this.next(numValid(this.definition, this.total), true);
    const missing = numRows(this.definition, numFrames(this.definition, this.total)) - this.rows;
    if (missing <= 0) return result;
    const data = new Float32Array(result.data.length + missing * result.bands);
    data.set(result.data);
    return { data, frames: result.frames + missing, bands: result.bands };
  }

  private get total(): number {
    return this.base + this.clip.length;
  }

  /** The number of frames that do not depend on the samples to come. */
  private numComplete(): number {
    const { total, definition } = this;
    const before = padLeft(definition, total);
    const inside = Math.floor((total + before - definition.frame_length) / definition.frame_step) + 1;
    // The samples mirrored before the clip must all be there.
    if (definition.padding.mode !== "constant" && total <= before) return this.frame;
    return Math.max(this.frame, Math.min(inside, numValid(definition, total)));
  }

  private next(stop: number, isLast: boolean): Features {
    const { definition, frontend } = this;
    const count = Math.max(stop - this.frame, 0);
    const bands = frontend.bands(this.clip, this.frame, count, this.base, this.total);
    this.frame += count;
    this.dropUsed();
    let values: Values = this.pcen ? this.pcen.push(bands.values) : bands.values;
    values = frontend.cepstrum(values, bands.energy);
    for (const stage of this.stages) values = stage(values, isLast);
    this.rows += values.frames;
    return { data: new Float32Array(values.data), frames: values.frames, bands: definition.bands };
  }

  /** Drop the samples that neither the next frame nor the mirror at the end of the clip needs. */
  private dropUsed(): void {
    const { definition, total } = this;
    const needed = this.frame * definition.frame_step - padLeft(definition, total);
    const mirrored = total - 2 * definition.span - definition.frame_step;
    const first = Math.max(Math.min(needed, mirrored), this.base);
    // Only when there is a whole span to drop, so that not every push copies the buffer.
    if (first - this.base <= definition.span) return;
    this.clip = this.clip.slice(first - this.base);
    this.base = first;
  }
}
