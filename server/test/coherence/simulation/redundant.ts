import type { LeaseTable } from '../../../src/database/coordination.ts';
import { ignoringOneDrop, trusting } from './mistakes.ts';
import type { Variant } from './variant.ts';

/** Left out alone, each of these is made up for by another safeguard; why it stays is said beside it. */
export const redundant: Record<string, { variant: Variant; whyItStays: string }> = {
  'everything is not dropped again when a registration is answered': {
    variant: { coherence: (coherence) => ignoringOneDrop(coherence, 'answered') },
    whyItStays:
      'Between the question and the answer no lease is held, and without one the cache keeps and joins no read: it is still ' +
      'empty. Were it ever to keep one, what was committed between snapshot and visibility would be missed for ever.',
  },
  'everything is not dropped before a registration is sent': {
    variant: { coherence: (coherence) => ignoringOneDrop(coherence, 'asked') },
    whyItStays:
      'The deadline is passed before it is sent, so nothing is used until the answer, which drops everything. The first drop ' +
      'frees what nobody may use, and detaches the reads under way even if the answer never comes.',
  },
  'registrations under one id for ever': {
    variant: { newId: (verifier) => verifier },
    whyItStays:
      'A row is made anew only after it was removed, and then its lease had run out. But its renewals begin at 0 again, so a caller ' +
      'who saw 0 before and 0 after would take a new lease for silence: that needs two callers, a registration that is never ' +
      'renewed and a third change, and no schedule has found it.',
  },
  'an acknowledgement that was refused is taken for done': {
    variant: {
      verifierTable: (table) => ({
        ...table,
        acknowledge: async (id, seq) => {
          await table.acknowledge(id, seq);
          return true;
        },
      }),
    },
    whyItStays:
      'The renewal before it was counted, so the row stays for a lease from then, and the deadline counts from before it. ' +
      'It is refused only when the row is gone, which the next renewal finds as well; asking is free.',
  },
  'what the row says was applied is not compared with what was': {
    variant: { verifierTable: (table) => trusting(table, table.renew) },
    whyItStays:
      'Only a database that was put back says otherwise, and that is another epoch by the storage of its tables. It is the ' +
      'second witness where somebody put rows back into tables that stayed (pg_restore --data-only after DELETE).',
  },
  'a renewal although the last was not acknowledged': {
    variant: { database: { renewsUnacknowledged: true } },
    whyItStays:
      'This verifier applies what it is handed, and acknowledges it before it asks again. One with a fault, that renewed and never ' +
      'applied, would hold every call up for ever.',
  },
  'a lost wake-up': {
    variant: { callerTable: (table: LeaseTable) => ({ ...table, wake: () => undefined }) },
    whyItStays: 'It makes the wait milliseconds instead of a third of a lease. Nothing is wrong without it.',
  },
};
