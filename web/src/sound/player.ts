/**
 * Playback of pieces of samples, one after the other, in an audio context of the file's rate.
 *
 * In a context of another rate every piece would be resampled alone, and each joint would click. Pieces start at
 * whole samples, so that playback and loops are exact. Slow playback divides the rate of the context.
 */

import type { Band } from "../data/source.ts";
import type { App } from "../ui/app.ts";
import { activeFile } from "../model/store.ts";

export interface Passage {
  readonly start: number;
  readonly stop: number;
  readonly band: Band | null;
  readonly loop: boolean;
}

interface Segment {
  /** Time of the context at which the segment starts, seconds. */
  readonly time: number;
  readonly first: number;
  readonly count: number;
  /** Samples after which the segment repeats. */
  readonly period: number;
}

/** Lowest rate of an audio context that browsers must offer, hertz. */
const LOWEST_RATE = 3000;
const FALLBACK_RATE = 48000;
const PIECE_SECONDS = 2;
const AHEAD_SECONDS = 3;
const LEAD_SECONDS = 0.08;

export class Player {
  private run: Run | null = null;

  constructor(private readonly app: App) {}

  /** Play a passage of the active file. */
  play(passage: Passage): void {
    this.stop();
    const file = activeFile(this.app.state);
    const { slow, channel, volume } = this.app.state;
    const run = new Run(file.rate, slow, volume, passage, (first, count, rate, signal) =>
      this.app.source.pcm(file.id, channel, first, count, { band: passage.band, rate }, signal),
    );
    this.run = run;
    this.app.store.set({ playing: true, message: "" });
    run.start().catch((error: Error) => {
      if (run.isStopped) return;
      this.app.say(new Error(`playback stopped: ${error.message}`));
      this.stop();
    });
    this.tick(run);
  }

  stop(): void {
    this.run?.stop();
    this.run = null;
    if (this.app.state.playing) this.app.store.set({ playing: false });
  }

  setVolume(volume: number): void {
    this.app.store.set({ volume });
    this.run?.setVolume(volume);
  }

  /** Take the position for the picture that is drawn now. */
  update(): void {
    const position = this.run?.position;
    if (position !== undefined) this.app.store.set({ playhead: position });
  }

  private tick(run: Run): void {
    if (this.run !== run) return;
    if (run.isFinished) {
      this.stop();
      return;
    }
    this.app.schedule();
    this.app.frame.followPlayhead();
    requestAnimationFrame(() => this.tick(run));
  }
}

type Fetch = (first: number, count: number, rate: number | null, signal: AbortSignal) => Promise<Float32Array>;

class Run {
  private readonly context: AudioContext;
  private readonly gain: GainNode;
  private readonly abort = new AbortController();
  private readonly segments: Segment[] = [];
  private readonly rate: number;
  private readonly isResampled: boolean;
  /** Speed of the buffers in the context: below 1 where no context has a rate that is low enough. */
  private readonly speed: number;
  private next: number;
  private complete = false;

  constructor(
    fileRate: number,
    slow: number,
    volume: number,
    private readonly passage: Passage,
    private readonly fetch: Fetch,
  ) {
    let context: AudioContext;
    let [rate, speed] = [fileRate, 1];
    try {
      if (fileRate / slow < LOWEST_RATE) speed = 1 / slow;
      context = new AudioContext({ sampleRate: speed < 1 ? Math.max(fileRate, LOWEST_RATE) : fileRate / slow });
      if (speed < 1) speed = fileRate / slow / context.sampleRate;
    } catch {
      context = new AudioContext({ sampleRate: FALLBACK_RATE });
      rate = FALLBACK_RATE;
      speed = 1 / slow;
    }
    this.context = context;
    this.rate = rate;
    this.speed = speed;
    this.isResampled = rate !== fileRate;
    this.gain = new GainNode(context, { gain: volume });
    this.gain.connect(context.destination);
    this.next = Math.round(passage.start * rate);
  }

  get isStopped(): boolean {
    return this.abort.signal.aborted;
  }

  get isFinished(): boolean {
    const last = this.segments[this.segments.length - 1];
    return this.complete && (!last || this.now > last.time + this.seconds(last.count));
  }

  /** Position in the file, seconds; undefined until the first sample is played. */
  get position(): number | undefined {
    const { now } = this;
    const segment = this.segments.findLast(({ time }) => time <= now);
    if (!segment) return undefined;
    const samples = Math.min((now - segment.time) * this.context.sampleRate * this.speed, segment.count);
    return (segment.first + (samples % segment.period || Math.min(samples, segment.period))) / this.rate;
  }

  setVolume(volume: number): void {
    this.gain.gain.value = volume;
  }

  stop(): void {
    this.abort.abort();
    void this.context.close();
  }

  /** Schedule pieces ahead until the passage ends. */
  async start(): Promise<void> {
    await this.context.resume();
    const first = Math.round(this.passage.start * this.rate);
    const stop = Math.max(Math.round(this.passage.stop * this.rate), first + 1);
    let time = this.wholeSample(this.context.currentTime + LEAD_SECONDS);
    while (!this.isStopped && this.next < stop) {
      const samples = await this.piece(first, stop);
      if (this.isStopped || !samples.length) break;
      time = Math.max(time, this.wholeSample(this.context.currentTime + LEAD_SECONDS / 4));
      const count = Math.min(samples.length, stop - this.next);
      this.schedule(samples, time, this.next, count);
      time += this.seconds(samples.length);
      this.next += count;
      if (this.next >= stop && this.passage.loop) this.next = first;
      while (!this.isStopped && time - this.context.currentTime > AHEAD_SECONDS) await pause(100);
    }
    this.complete = true;
  }

  /** Return the next samples; a short loop is repeated within one piece. */
  private async piece(first: number, stop: number): Promise<Float32Array> {
    const size = Math.min(Math.round(PIECE_SECONDS * this.rate), 1 << 18);
    const count = Math.min(size, stop - this.next);
    const samples = await this.fetch(this.next, count, this.isResampled ? this.rate : null, this.abort.signal);
    const repeats = this.passage.loop && stop - first < size / 2 && this.next === first ? Math.floor(size / (stop - first)) : 1;
    if (repeats === 1 || samples.length < count) return samples;
    const repeated = new Float32Array(repeats * count);
    for (let index = 0; index < repeats; index++) repeated.set(samples, index * count);
    return repeated;
  }

  private schedule(samples: Float32Array, time: number, first: number, period: number): void {
    const buffer = new AudioBuffer({ length: samples.length, numberOfChannels: 1, sampleRate: this.context.sampleRate });
    buffer.copyToChannel(samples as Float32Array<ArrayBuffer>, 0);
    const node = new AudioBufferSourceNode(this.context, { buffer, playbackRate: this.speed });
    node.connect(this.gain);
    node.start(time);
    this.segments.push({ time, first, count: samples.length, period });
    if (this.segments.length > 16) this.segments.shift();
  }

  /** Time of the sample that the loudspeaker plays now. */
  private get now(): number {
    const { contextTime, performanceTime } = this.context.getOutputTimestamp();
    if (!contextTime || performanceTime === undefined) return this.context.currentTime - (this.context.outputLatency || 0);
    return contextTime + Math.max(performance.now() - performanceTime, 0) / 1000;
  }

  private seconds(samples: number): number {
    return samples / (this.context.sampleRate * this.speed);
  }

  private wholeSample(time: number): number {
    return Math.ceil(time * this.context.sampleRate) / this.context.sampleRate;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
