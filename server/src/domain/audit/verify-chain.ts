import type { Reader } from '../../database/database.ts';
import type { AuditEventTable } from '../../database/schema.ts';
import { UnavailableError } from '../../lib/unavailable-error.ts';
import type { ChainBreak, Head } from './chain-break.ts';
import { classifyBreak } from './classify-break.ts';
import { chainStart, hashEvent } from './hash-event.ts';

export type ChainVerdict =
  | { ok: true; chain: string; events: number; head: Head }
  | { ok: false; chain: string; events: number; break: ChainBreak };

const pageSize = 500;
/** How far behind a break is looked to tell what happened there; trying every place is quadratic in it. */
const lookAhead = 100;

/**
 * Walks one chain from its first event to its head and recomputes every hash. Answers the first break; `events` is how
 * many fitted before it. `kept` are heads of this chain that were kept elsewhere, which alone show a tail that was cut
 * off with the head put back. Events that are written meanwhile are walked too.
 * @throws UnavailableError.
 */
export async function verifyChain(
  reader: Reader,
  auditKey: Uint8Array,
  chain: string,
  kept: readonly Head[] = [],
): Promise<ChainVerdict> {
  const hashesAtKept = new Map<number, string>();
  const keptNumbers = new Set(kept.map((head) => head.seq));
  let last: Head = { seq: 0, hash: chainStart };
  // Not from number 1: what someone put below it is to be found, too.
  let after: number | undefined;
  const broken = (found: ChainBreak): ChainVerdict => ({ ok: false, chain, events: last.seq, break: found });

  for (;;) {
    const head = await findHead(reader, chain);
    // The head was read before: whatever it counts is committed, and so among what is read now.
    const rows = await readRows(reader, chain, after, pageSize);
    if (rows === 'unreadable') return broken(unreadable(last.seq + 1));
    for (const row of rows) {
      if (!continues(auditKey, last, row)) {
        const following = await readRows(reader, chain, after, lookAhead);
        const found = classifyBreak(auditKey, last, following === 'unreadable' ? [row] : following, head);
        return broken(found ?? unreadable(row.seq));
      }
      last = { seq: row.seq, hash: row.hash };
      after = row.seq;
      if (keptNumbers.has(row.seq)) hashesAtKept.set(row.seq, row.hash);
    }
    if (rows.length > 0) continue;
    const disagreement = compareHead(last, head) ?? compareKept(last, kept, hashesAtKept);
    if (disagreement !== undefined) return broken(disagreement);
    return { ok: true, chain, events: last.seq, head: last };
  }
}

function continues(auditKey: Uint8Array, last: Head, row: AuditEventTable): boolean {
  if (row.seq !== last.seq + 1) return false;
  const { hash, ...event } = row;
  try {
    return hashEvent(auditKey, last.hash, event) === hash;
  } catch {
    // A value of a type that no event has: someone wrote it with SQL.
    return false;
  }
}

function findHead(reader: Reader, chain: string): Promise<Head | undefined> {
  return reader
    .selectFrom('audit_head')
    .select(['seq', 'hash'])
    .where('chain', '=', chain)
    .executeTakeFirst();
}

/** The next rows by number; one at a time where a page holds a value that no driver can give back. */
async function readRows(
  reader: Reader,
  chain: string,
  after: number | undefined,
  limit: number,
): Promise<AuditEventTable[] | 'unreadable'> {
  let select = reader
    .selectFrom('audit_event')
    .selectAll()
    .where('chain', '=', chain)
    .orderBy('seq')
    .limit(limit);
  if (after !== undefined) select = select.where('seq', '>', after);
  try {
    return await select.execute();
  } catch (error) {
    if (error instanceof UnavailableError) throw error;
    return limit === 1 ? 'unreadable' : readRows(reader, chain, after, 1);
  }
}

function unreadable(seq: number): ChainBreak {
  return {
    kind: 'changed',
    seq,
    message: `Event ${seq} holds a value that no event can have: it was changed.`,
  };
}

function compareHead(last: Head, head: Head | undefined): ChainBreak | undefined {
  const disagrees = (seq: number, message: string): ChainBreak => ({ kind: 'head_disagrees', seq, message });
  if (head === undefined) return disagrees(last.seq, 'The row that names the head of the chain is missing.');
  if (head.seq > last.seq) {
    const gone =
      head.seq === last.seq + 1 ? `event ${head.seq} is` : `events ${last.seq + 1} to ${head.seq} are`;
    return disagrees(
      last.seq + 1,
      `The head names event ${head.seq}, and the last is ${last.seq}: ${gone} missing.`,
    );
  }
  if (head.seq < last.seq) {
    return disagrees(
      head.seq,
      `The head names event ${head.seq}, and events go on to ${last.seq}: the head was put back.`,
    );
  }
  if (head.hash === last.hash) return undefined;
  return disagrees(head.seq, `The head has another hash than event ${last.seq}, the last one.`);
}

function compareKept(
  last: Head,
  kept: readonly Head[],
  hashes: ReadonlyMap<number, string>,
): ChainBreak | undefined {
  for (const { seq, hash } of [...kept].sort((a, b) => a.seq - b.seq)) {
    if (seq > last.seq) {
      return {
        kind: 'cut_tail',
        seq: last.seq + 1,
        message: `The head that you kept names event ${seq}, and the chain ends at ${last.seq}: its tail was cut off, or the database is an older one.`,
      };
    }
    const found = seq === 0 ? chainStart : hashes.get(seq);
    if (found === hash) continue;
    return {
      kind: 'kept_head_disagrees',
      seq,
      message: `Event ${seq} has another hash than the head that you kept: the chain was written anew by someone with the audit key, or the kept head is another chain's.`,
    };
  }
  return undefined;
}
