import { createDeadline } from '../../../src/coherence/deadline.ts';
import {
  fromTheAnswer,
  naiveCache,
  renewOrWrite,
  silenceFor,
  silenceSinceBefore,
  trusting,
  withoutEpoch,
} from './mistakes.ts';
import type { Variant } from './variant.ts';

/** Each leaves one safeguard out. The simulation must find what goes wrong then. */
export const variants: Record<string, Variant> = {
  'caches that expire by time alone: nobody waits for verifiers': {
    barrier: () => async () => ({ verifiers: 0, milliseconds: 0 }),
  },
  'a broadcast that is not waited for': {
    barrier: (real) => async (seq) => {
      real(seq).catch(() => undefined);
      return { verifiers: 0, milliseconds: 0 };
    },
  },
  'a call that finds nothing to change does not wait': {
    barrier: (real) => async (seq) => (seq === undefined ? { verifiers: 0, milliseconds: 0 } : real(seq)),
  },
  'a plain sequence instead of numbers in the order of commits': { database: { numbersOutOfOrder: true } },

  'reads are joined and kept without a lease': {
    coherence: (coherence) => ({ isCurrent: () => true, onChange: coherence.onChange }),
  },
  'reads are kept although a change was applied meanwhile': {
    cache: (coherence, options) => naiveCache(coherence, options, { keepsOldReads: true }),
  },
  'reads are joined although a change was applied meanwhile': {
    cache: (coherence, options) => naiveCache(coherence, options, { joinsOldReads: true }),
  },
  'what was absent stays absent when something is made': {
    cache: (coherence, options) => naiveCache(coherence, options, { keepsAbsent: true }),
  },
  'a kind that is not known is ignored': {
    coherence: ({ isCurrent, onChange }) => ({
      isCurrent,
      onChange: (listener) =>
        onChange((changes) =>
          listener(
            changes === 'everything' ? changes : changes.filter(({ kind }) => kind !== 'a kind to come'),
          ),
        ),
    }),
  },

  'nothing is dropped when a verifier registers': {
    coherence: ({ isCurrent, onChange }) => ({
      isCurrent,
      onChange: (listener) => onChange((changes) => changes !== 'everything' && listener(changes)),
    }),
  },
  'a row that is gone is written anew, and nothing is dropped': {
    verifierTable: (table) => trusting(table, (id) => renewOrWrite(table, id)),
  },

  'the deadline counts from the answer': { deadline: (timing, validMs) => fromTheAnswer(timing, validMs) },
  'the deadline goes by the monotonic clock alone': {
    deadline: ({ monotonic }, validMs) => createDeadline({ monotonic, wall: () => 0 }, validMs),
  },
  'the deadline goes by the wall clock alone': {
    deadline: ({ wall }, validMs) => createDeadline({ monotonic: () => 0, wall }, validMs),
  },
  'no deadline: a lease is held until the verifier hears that it is not': {
    deadline: (timing) => createDeadline({ ...timing, monotonic: () => 0, wall: () => 0 }, 1),
  },
  'no margin on either side': {
    deadline: (timing, validMs) => createDeadline(timing, validMs / 0.95),
    barrierParts: (timing) => ({ createSilence: () => silenceFor(timing, (row) => row.leaseMs) }),
  },

  'changes are acknowledged before they are applied': {
    verifierTable: (table) => ({
      ...table,
      renew: async (id) => {
        const handed = await table.renew(id);
        if (handed !== undefined && handed.seq > handed.appliedSeq) await table.acknowledge(id, handed.seq);
        // On its way to the cache it takes a while, as behind a queue.
        await table.look();
        return handed;
      },
    }),
  },
  'a silent row is removed although it was renewed since': {
    callerTable: (table) => ({
      ...table,
      remove: async (id) => {
        const row = (await table.look()).rows.find(({ verifierId }) => verifierId === id);
        if (row !== undefined) await table.remove(id, row.renewals);
      },
    }),
  },
  'a removal does not wait for the renewal under way': { database: { removesWithoutLock: true } },
  'silence counts from before the row was asked for': {
    barrierParts: (timing) => ({ createSilence: () => silenceSinceBefore(timing) }),
  },
  'silence is over after half a lease': {
    barrierParts: (timing) => ({ createSilence: () => silenceFor(timing, (row) => row.leaseMs / 2) }),
  },

  'verifiers look neither at the epoch nor at what their row says': {
    verifierTable: (table) => withoutEpoch(trusting(table, table.renew)),
  },
  'verifiers do not look at the epoch': { verifierTable: withoutEpoch },
  'callers do not wait a new epoch out': {
    callerTable: (table) => ({
      ...table,
      look: async () => ({ ...(await table.look()), isSettled: true }),
    }),
  },
  'a verifier below the floor of a log that was trimmed carelessly reads on': {
    database: { trimsCarelessly: true },
    verifierTable: (table) => ({
      ...table,
      renew: async (id) => {
        const handed = await table.renew(id);
        return handed && { ...handed, trimmedTo: 0 };
      },
    }),
  },
};
