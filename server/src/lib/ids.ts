import { fromString } from 'typeid-js';
import { encodeBase32 } from './base32.ts';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

const bytesPerId = 16;
/** A call to the operating system for each id would cost as much as the rest of it. Only ids are made of what is drawn here. */
const idsPerDraw = 256;

/** Makes a new TypeID (prefix, underscore, UUIDv7 in Crockford base32). Ids of one source sort in the order of their making. */
export type NewId = (prefix: string) => string;

/**
 * UUIDv7 (RFC 9562, section 5.7) with the 12 bits of `rand_a` as a counter within the millisecond (section 6.2,
 * method 1), so that lists sorted by id are lists sorted by creation, also for ids made in the same millisecond.
 */
export function createIdSource(clock: Clock, random: Random): NewId {
  let lastInstant = -1;
  let counter = 0;
  let drawn = new Uint8Array();
  let used = 0;
  const draw = () => {
    if (used >= drawn.length) {
      // A copy: it is written to below, and what `random` gives is its own.
      drawn = Uint8Array.from(random(bytesPerId * idsPerDraw));
      used = 0;
    }
    used += bytesPerId;
    return drawn.subarray(used - bytesPerId, used);
  };
  return (prefix) => {
    const now = clock();
    if (now > lastInstant) {
      lastInstant = now;
      counter = 0;
    } else if (++counter > 0xfff) {
      lastInstant += 1;
      counter = 0;
    }
    const bytes = draw();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytesPerId);
    view.setUint16(0, Math.floor(lastInstant / 2 ** 32));
    view.setUint32(2, lastInstant % 2 ** 32);
    view.setUint16(6, 0x7000 | counter);
    view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
    return `${prefix}_${encodeBase32(bytes)}`;
  };
}

/** True when `text` is a well-formed TypeID with this prefix. */
export function isId(text: string, prefix: string): boolean {
  try {
    fromString(text, prefix);
    return true;
  } catch {
    return false;
  }
}
