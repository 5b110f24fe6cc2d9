import { z } from 'zod';
import { environmentField, idField, instantField, nameField } from '../fields.ts';

/** How many keys one call may bring. */
export const mostImported = 10_000;

const row = z.strictObject({
  name: nameField(),
  applicationId: idField('app', 'an application'),
  environment: environmentField,
  scopes: z.array(z.string().min(1).max(200)).max(200).default([]),
  expiresAt: instantField.nullable().optional(),
  secret: z
    .string()
    .regex(/^[\x21-\x7e]{8,512}$/, { error: 'must have 8 to 512 visible ASCII characters' })
    .optional()
    .meta({ description: 'The whole key, raw.' }),
  sha256: z
    .string()
    .regex(/^([0-9a-fA-F]{64}|[A-Za-z0-9+/]{43}=|[A-Za-z0-9_-]{43}=?)$/, {
      error: 'must be the SHA-256 of the whole key: 64 hex characters, or base64',
    })
    .optional()
    .meta({ description: 'Or the SHA-256 of the whole key, as hex or base64.' }),
});

/** The rows are checked one by one, so that one bad row is reported beside the good ones. */
export const importApiKeysInput = z.strictObject({
  keys: z
    .array(z.unknown(), { error: 'must be a list of keys' })
    .min(1, { error: 'must hold at least one key' })
    .max(mostImported, { error: `must hold at most ${mostImported} keys; send the rest in further calls` }),
  allowWeak: z
    .boolean({ error: 'must be true or false' })
    .default(false)
    .meta({ description: 'Take raw keys that look guessable (below an estimated 128 bits).' }),
});

export const importedRowSchema = z.object({
  index: z.number().int(),
  outcome: z.enum(['imported', 'already_imported', 'refused']),
  apiKeyId: z.string().nullable(),
  problem: z.string().nullable().meta({ description: 'Why it was refused, and the remedy.' }),
});

export type ImportApiKeysInput = z.infer<typeof importApiKeysInput>;
export type ImportRow = z.infer<typeof row>;
export type ImportedRow = z.infer<typeof importedRowSchema>;

/** One row, or what is wrong with it. */
export function parseImportRow(
  value: unknown,
): { ok: true; row: ImportRow } | { ok: false; problem: string } {
  const parsed = row.safeParse(value);
  if (!parsed.success) {
    const said = parsed.error.issues.map((issue) => {
      const place = issue.path.join('.');
      return place === '' ? issue.message : `${place}: ${issue.message}`;
    });
    return { ok: false, problem: said.join('; ') };
  }
  if ((parsed.data.secret === undefined) === (parsed.data.sha256 === undefined)) {
    return { ok: false, problem: 'give either secret or sha256' };
  }
  return { ok: true, row: parsed.data };
}
