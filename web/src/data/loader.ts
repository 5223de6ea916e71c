/** Data that is loaded when it is looked at: the nearest first, aborted when it left the screen, bounded in memory. */

import { Refusal } from "./source.ts";

export interface Wanted<T> {
  readonly key: string;
  /** Wanted things with a smaller number are loaded first. */
  readonly order: number;
  readonly load: (signal: AbortSignal) => Promise<T>;
}

interface Entry<T> {
  readonly value: T;
  readonly bytes: number;
  used: number;
  stale: boolean;
}

export interface Sized {
  readonly complete: boolean;
  readonly bytes: number;
}

/** Requests of HTTP/1.1 that Chromium sends to one host at a time are six: one is left for the rest of the page. */
const PARALLEL = 5;
const RETRY_AFTER = 2000;

export class Loader<T extends Sized> {
  private readonly entries = new Map<string, Entry<T>>();
  private readonly running = new Map<string, AbortController>();
  private readonly failed = new Map<string, number>();
  private wanted: Wanted<T>[] = [];
  private bytes = 0;
  private turn = 0;

  constructor(
    private readonly capacity: number,
    private readonly arrived: () => void,
    private readonly refused: (reason: Refusal) => void,
  ) {}

  get(key: string): T | undefined {
    const entry = this.entries.get(key);
    if (entry) entry.used = this.turn;
    return entry?.value;
  }

  /** Bytes that are kept. */
  get size(): number {
    return this.bytes;
  }

  /** Whether something that is on the screen is not complete. */
  get isWaiting(): boolean {
    return this.wanted.some(({ key }) => !this.entries.get(key)?.value.complete);
  }

  /** Replace the list of what is looked at. */
  want(wanted: Wanted<T>[]): void {
    this.turn++;
    this.wanted = wanted.toSorted((a, b) => a.order - b.order);
    const keys = new Set(wanted.map(({ key }) => key));
    for (const [key, controller] of this.running) if (!keys.has(key)) controller.abort();
    for (const key of keys) this.get(key);
    this.start();
  }

  /** Load everything incomplete again. */
  refresh(): void {
    for (const entry of this.entries.values()) if (!entry.value.complete) entry.stale = true;
    this.start();
  }

  clear(): void {
    this.entries.clear();
    this.failed.clear();
    this.bytes = 0;
  }

  private start(): void {
    const now = Date.now();
    for (const item of this.wanted) {
      if (this.running.size >= PARALLEL) return;
      const entry = this.entries.get(item.key);
      const isDone = entry && !entry.stale;
      if (isDone || this.running.has(item.key) || now < (this.failed.get(item.key) ?? 0)) continue;
      void this.load(item);
    }
  }

  private async load(item: Wanted<T>): Promise<void> {
    const controller = new AbortController();
    this.running.set(item.key, controller);
    try {
      this.keep(item.key, await item.load(controller.signal));
      this.arrived();
    } catch (error) {
      if (!controller.signal.aborted) {
        this.failed.set(item.key, Date.now() + RETRY_AFTER);
        this.refused(error instanceof Refusal ? error : new Refusal(String(error), 0));
      }
    } finally {
      this.running.delete(item.key);
      this.start();
    }
  }

  private keep(key: string, value: T): void {
    const previous = this.entries.get(key);
    if (previous) this.bytes -= previous.bytes;
    this.entries.set(key, { value, bytes: value.bytes, used: this.turn, stale: false });
    this.bytes += value.bytes;
    if (this.bytes > this.capacity) this.evict();
  }

  /** Forget what was not looked at for the longest time, never what is on the screen. */
  private evict(): void {
    const oldest = [...this.entries].filter(([, entry]) => entry.used < this.turn).sort(([, a], [, b]) => a.used - b.used);
    for (const [key, entry] of oldest) {
      if (this.bytes <= this.capacity * 0.8) return;
      this.entries.delete(key);
      this.bytes -= entry.bytes;
    }
  }
}
