/** What a source without a server lacks. */

import { Refusal } from "./source.ts";

/** Base of the sources that the page holds itself: there is no model, no folder, and nothing can be saved. */
export abstract class Serverless {
  readonly isLive = false;

  /** `remedy` is the text of every refusal. */
  protected constructor(private readonly remedy: string) {}

  async dropJournal(): Promise<void> {}

  async events(): Promise<[]> {
    return [];
  }

  async verdicts(): Promise<[]> {
    return [];
  }

  presets = async (): Promise<never> => this.refuse();
  define = async (): Promise<never> => this.refuse();
  saveLabels = async (): Promise<never> => this.refuse();
  scores = async (): Promise<never> => this.refuse();
  folder = async (): Promise<never> => this.refuse();
  thumbnail = async (): Promise<never> => this.refuse();
  saveVerdict = async (): Promise<never> => this.refuse();

  protected refuse(): never {
    throw new Refusal(this.remedy, 409);
  }
}
