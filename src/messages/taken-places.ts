import { derivedIds, type Place } from './idless.js';
import type { Timeline } from './timeline.js';

/** The places, and so the ids, that entries of one reading take. */
export class TakenPlaces {
  readonly #ids: Set<string | undefined>;
  readonly #timeline: Timeline;
  readonly #derive = new Map<string, (place: Place) => string>();
  /** By content and anchor: ordinals that were found taken, without a free one between. */
  readonly #runs = new Map<string, { from: number; to: number }>();

  constructor(ids: readonly (string | undefined)[], timeline: Timeline) {
    this.#ids = new Set(ids);
    this.#timeline = timeline;
  }

  /** Takes the first free place for `content` from `at` on. */
  take(content: string, at: Place): { id: string; place: Place } {
    const derive = this.#derive.get(content) ?? derivedIds(content);
    this.#derive.set(content, derive);
    const key = `${at.anchor} ${content}`;
    const run = this.#runs.get(key);
    let place = at;
    const skip = () => {
      if (run !== undefined && place.ordinal >= run.from && place.ordinal <= run.to)
        place = { anchor: at.anchor, ordinal: run.to + 1 };
    };
    skip();
    let id = derive(place);
    while (this.#ids.has(id) || this.#timeline.get(id) !== undefined) {
      place = { anchor: at.anchor, ordinal: place.ordinal + 1 };
      skip();
      id = derive(place);
    }
    this.#ids.add(id);
    this.#runs.set(key, {
      from: Math.min(at.ordinal, run?.to === at.ordinal - 1 ? run.from : at.ordinal),
      to: place.ordinal,
    });
    return { id, place };
  }
}
