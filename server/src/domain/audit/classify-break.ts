import type { AuditEventTable } from '../../database/schema.ts';
import type { ChainBreak, Head } from './chain-break.ts';
import { hashEvent } from './hash-event.ts';

/**
 * Names what happened where a chain stops to fit: `intact` is the last event that fits, `rows` are the next ones by
 * number, the first of which does not. Whoever tampers without the audit key cannot make a hash, but every untouched
 * event still carries the one that ties it to its old number and its old predecessor: that tells a changed event from
 * one that was put in, taken out or moved. Only as many rows as are given are looked at; what lies further away is
 * named `changed`. `head` is the chain's head as it was read before the rows. Answers undefined where the first row fits
 * after all.
 */
export function classifyBreak(
  auditKey: Uint8Array,
  intact: Head,
  rows: readonly AuditEventTable[],
  head: Head | undefined,
): ChainBreak | undefined {
  const first = rows[0];
  if (first === undefined) return undefined;
  const place = intact.seq + 1;
  if (!Number.isSafeInteger(first.seq) || first.seq < place) {
    return inserted(place, 1, `A row with the number ${JSON.stringify(first.seq)} stands in the table.`);
  }
  if (first.seq === place && fits(auditKey, intact.hash, first, place)) return undefined;
  if (head !== undefined && head.seq === intact.seq && head.hash === intact.hash) {
    return inserted(place, rows.length, `The head of the chain knows nothing behind event ${intact.seq}.`);
  }
  if (first.seq > place) return removed(place, first.seq - 1, 'The numbers are missing.');

  const later = rows.slice(1);
  const displaced = later.findIndex((row) => fits(auditKey, intact.hash, row, place));
  const home = findHome(auditKey, intact, rows);
  if (home !== undefined) {
    return {
      kind: 'reordered',
      seq: place,
      message: `Event ${place} stands at another's place: it was written as event ${home}.`,
    };
  }
  if (displaced >= 0) {
    return inserted(place, displaced + 1, 'The events behind were given higher numbers to make room.');
  }
  const next = later[0];
  for (let gap = 1; next !== undefined && gap <= rows.length; gap++) {
    if (!fits(auditKey, first.hash, next, next.seq + gap)) continue;
    return removed(place, place + gap - 1, 'The events behind were given lower numbers to hide it.');
  }
  return {
    kind: 'changed',
    seq: place,
    message: `Event ${place} (${describe(first)}) does not fit its hash: it was changed, or written without the audit key.`,
  };
}

/** The number under which the first row was written, where that is another one among the rows given. */
function findHome(auditKey: Uint8Array, intact: Head, rows: readonly AuditEventTable[]): number | undefined {
  const [first, ...later] = rows;
  if (first === undefined) return undefined;
  const hashes = later.map((row) => row.hash);
  for (let seq = intact.seq + 2; seq <= intact.seq + rows.length; seq++) {
    if (hashes.some((previous) => fits(auditKey, previous, first, seq))) return seq;
  }
  return undefined;
}

/** Whether the event, at this place behind this hash, has the hash that it carries. A row of odd types fits nowhere. */
function fits(auditKey: Uint8Array, previousHash: string, row: AuditEventTable, seq: number): boolean {
  const { hash, ...event } = row;
  try {
    return hashEvent(auditKey, previousHash, { ...event, seq }) === hash;
  } catch {
    return false;
  }
}

function inserted(seq: number, count: number, how: string): ChainBreak {
  const what = count === 1 ? `Event ${seq} was` : `Events ${seq} to ${seq + count - 1} were`;
  return { kind: 'inserted', seq, message: `${what} put in without the audit key. ${how}` };
}

function removed(from: number, to: number, how: string): ChainBreak {
  const what = from === to ? `Event ${from} was` : `Events ${from} to ${to} were`;
  return { kind: 'removed', seq: from, message: `${what} removed. ${how}` };
}

function describe(row: AuditEventTable): string {
  return `${String(row.action)} of ${String(row.target_id)}`.replace(/[^\x20-\x7e]/g, '?').slice(0, 120);
}
