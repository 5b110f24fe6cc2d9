import { z } from 'zod';
import { holdsControls, holdsDirectionControls } from '../lib/hidden-characters.ts';
import { isId } from '../lib/ids.ts';

/** The shapes that fields of many requests share; each message says the remedy. */

export function idField(prefix: string, what: string) {
  return z
    .string()
    .refine((text) => isId(text, prefix), {
      error: `must be the id of ${what}: ${prefix}_ and 26 characters`,
    })
    .meta({ description: `The id of ${what}.`, examples: [`${prefix}_01jd0c8rkee1t9n9p5mj6x2q7v`] });
}

/** What people are shown to tell one thing from another, so what is not seen has no place in it. */
export function nameField(longest = 100) {
  return z
    .string({ error: `must be text of 1 to ${longest} characters` })
    .trim()
    .min(1, { error: `must have 1 to ${longest} characters` })
    .max(longest, { error: `must have 1 to ${longest} characters` })
    .refine((text) => !holdsControls(text), { error: 'must not hold control characters or lone surrogates' })
    .refine((text) => !holdsDirectionControls(text), {
      error:
        'must not hold characters that change the direction of text (U+202A to U+202E, U+2066 to U+2069), which can disguise a name; take them out',
    });
}

/** An instant on the wire: ISO 8601 in UTC. */
export const instantField = z.iso.datetime({
  error: 'must be an instant in UTC such as 2027-01-31T00:00:00Z',
});

export const environmentField = z.enum(['development', 'staging', 'production'], {
  error: 'must be development, staging or production',
});

export const propagationField = z
  .object({
    verifiers: z.number().int().meta({ description: 'How many verifiers had to let go of the old state.' }),
    milliseconds: z.number().meta({ description: 'How long that took.' }),
    staleVerifiers: z.number().int().optional().meta({
      description:
        'Only where KEYWRIGHT_ON_OUTAGE lets verifiers answer from memory: how many cannot be reached and may still use the state from before.',
    }),
    staleUntil: instantField.optional().meta({ description: 'Until when they may.' }),
  })
  .meta({
    id: 'Propagation',
    description:
      'When this answer arrives, no verifier uses the state from before, but for those that it names as stale.',
  });

/** How a name is searched and compared: one form for what looks the same, and no case. */
export function nameKey(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** An instant of the database on the wire. */
export function isoInstant(instant: number): string {
  return new Date(instant).toISOString();
}

export function isoInstantOrNull(instant: number | null): string | null {
  return instant === null ? null : isoInstant(instant);
}

/** For PATCH and PUT: the revision that `If-Match` names, where the caller sent one. */
export type Expected = { expectedRevision?: number | undefined };
