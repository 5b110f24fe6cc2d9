import type { Propagation } from '../../coherence/wait-for-verifiers.ts';
import type { Writer } from '../../database/database.ts';
import { pepperedHash } from '../../lib/peppers.ts';
import { authorize } from '../access/authorize.ts';
import { type Change, type EventDetail, type Subject, unchanged } from '../audit/change.ts';
import { transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { isoInstantOrNull, nameKey } from '../fields.ts';
import { activePepperVersion } from '../peppers/active-pepper-version.ts';
import { checkKeyLimits } from '../policies/check-key-limits.ts';
import { boundExpiry } from './bound-expiry.ts';
import { checkScopes, findApplicationOfKey } from './check-references.ts';
import { type ForeignSecret, readForeignSecret } from './foreign-secret.ts';
import {
  type ImportApiKeysInput,
  type ImportedRow,
  type ImportRow,
  parseImportRow,
} from './import-api-keys-input.ts';

/** Rows that are committed together: short enough that nobody waits long for the writer. */
const piece = 200;

export type ImportReport = {
  imported: number;
  alreadyImported: number;
  refused: number;
  rows: ImportedRow[];
};

type Candidate = { index: number; row: ImportRow; foreign: ForeignSecret };

/**
 * Takes over keys of another system, which keep their own format and verify at once. Committed in pieces; a row that is
 * there already is left as it is, so that a call that was cut off is simply made again.
 * @throws AppError `forbidden`; what is wrong with a row stands in the report.
 */
export async function importApiKeys(
  ctx: Ctx,
  input: ImportApiKeysInput,
): Promise<{ result: ImportReport; propagation: Propagation }> {
  authorize(ctx, 'api_keys:import');
  const rows: ImportedRow[] = [];
  const candidates: Candidate[] = [];
  for (const [index, value] of input.keys.entries()) {
    const parsed = parseImportRow(value);
    const secret = parsed.ok ? readForeignSecret(parsed.row, input.allowWeak) : parsed;
    if (parsed.ok && secret.ok) candidates.push({ index, row: parsed.row, foreign: secret.foreign });
    else rows.push(refused(index, !parsed.ok ? parsed.problem : secret.ok ? '' : secret.problem));
  }
  let propagation: Propagation = { verifiers: 0, milliseconds: 0 };
  for (let start = 0; start < candidates.length; start += piece) {
    const committed = await transact(ctx, 'api_key.imported', (tx) =>
      importPiece(ctx, tx, candidates.slice(start, start + piece)),
    );
    rows.push(...committed.result);
    propagation = {
      verifiers: Math.max(propagation.verifiers, committed.propagation.verifiers),
      milliseconds: propagation.milliseconds + committed.propagation.milliseconds,
    };
  }
  const count = (outcome: ImportedRow['outcome']) => rows.filter((row) => row.outcome === outcome).length;
  rows.sort((a, b) => a.index - b.index);
  return {
    result: {
      imported: count('imported'),
      alreadyImported: count('already_imported'),
      refused: count('refused'),
      rows,
    },
    propagation,
  };
}

async function importPiece(
  ctx: Ctx,
  tx: Writer,
  candidates: readonly Candidate[],
): Promise<Change<ImportedRow[]>> {
  const version = await activePepperVersion(ctx, tx);
  const report: ImportedRow[] = [];
  const events: EventDetail[] = [];
  for (const candidate of candidates) {
    const present = await findImported(ctx, tx, candidate.foreign);
    if (present !== undefined) {
      report.push({ index: candidate.index, outcome: 'already_imported', apiKeyId: present, problem: null });
      continue;
    }
    try {
      const event = await importOne(ctx, tx, candidate, version);
      events.push(event);
      report.push({ index: candidate.index, outcome: 'imported', apiKeyId: event.target.id, problem: null });
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'unavailable') throw error;
      const fields = error.fields.map((field) => `${field.pointer.slice(1)}: ${field.message}`);
      report.push(refused(candidate.index, fields.join('; ') || error.message));
    }
  }
  const [first, ...rest] = events;
  if (first === undefined) return unchanged(report);
  await tx
    .updateTable('organization')
    .set({ first_import_at: ctx.clock() })
    .where('id', '=', ctx.organizationId)
    .where('first_import_at', 'is', null)
    .execute();
  const toSubject = (event: EventDetail): Subject => ({ kind: 'api_key', id: event.target.id });
  const organization: Subject = { kind: 'organization', id: ctx.organizationId };
  return {
    changed: true,
    result: report,
    events: [first, ...rest],
    subjects: [organization, ...events.map(toSubject)],
  };
}

/** Under any pepper: a key stays the same key when peppers change. A deleted one is found too, and cannot come back. */
async function findImported(ctx: Ctx, tx: Writer, foreign: ForeignSecret): Promise<string | undefined> {
  const hashes = [...ctx.peppers.keys()].map((version) =>
    pepperedHash(ctx.peppers, version, foreign.digest, ctx.organizationId),
  );
  const row = await tx
    .selectFrom('secret')
    .select('api_key_id')
    .where('hash', 'in', hashes)
    .executeTakeFirst();
  return row?.api_key_id;
}

async function importOne(
  ctx: Ctx,
  tx: Writer,
  candidate: Candidate,
  pepperVersion: number,
): Promise<EventDetail> {
  const { row: input, foreign } = candidate;
  const application = await findApplicationOfKey(ctx, tx, input.applicationId);
  authorize(ctx, 'api_keys:import', { teamId: application.team_id, environment: input.environment });
  await checkScopes(ctx, tx, input.applicationId, input.scopes);
  const now = ctx.clock();
  const expiresAt = await boundExpiry(ctx, tx, input.environment, now, input.expiresAt);
  await checkKeyLimits(ctx, tx, { ...input, teamId: application.team_id }, 1);
  const id = ctx.newId('key');
  await tx
    .insertInto('api_key')
    .values({
      id,
      organization_id: ctx.organizationId,
      application_id: input.applicationId,
      name: input.name,
      name_key: nameKey(input.name),
      environment: input.environment,
      scopes: JSON.stringify(input.scopes),
      profile_id: null,
      ip_allowlist: null,
      metadata: '{}',
      expires_at: expiresAt,
      expiry_noted_at: null,
      disabled_at: null,
      revoked_at: null,
      deleted_at: null,
      imported_at: now,
      revision: 1,
      created_at: now,
      created_by: ctx.actor.id,
      updated_at: now,
    })
    .execute();
  await tx
    .insertInto('secret')
    .values({
      id: ctx.newId('sec'),
      organization_id: ctx.organizationId,
      api_key_id: id,
      hash: pepperedHash(ctx.peppers, pepperVersion, foreign.digest, ctx.organizationId),
      pepper_version: pepperVersion,
      masked: foreign.masked,
      last_four: foreign.lastFour,
      created_at: now,
      ends_at: null,
      ended_at: null,
    })
    .execute();
  return {
    target: { type: 'api_key', id },
    before: null,
    after: {
      name: input.name,
      applicationId: input.applicationId,
      environment: input.environment,
      scopes: input.scopes,
      expiresAt: isoInstantOrNull(expiresAt),
      maskedSecret: foreign.masked,
    },
  };
}

function refused(index: number, problem: string): ImportedRow {
  return { index, outcome: 'refused', apiKeyId: null, problem };
}
