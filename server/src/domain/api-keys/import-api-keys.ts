import { setImmediate as letOthersIn } from 'node:timers/promises';
import type { Propagation } from '../../coherence/create-barrier.ts';
import type { Writer } from '../../database/database.ts';
import { eachInTurns } from '../../lib/each-in-turns.ts';
import { authorize } from '../access/authorize.ts';
import { type Change, type EventDetail, type Subject, unchanged } from '../audit/change.ts';
import { transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { type ForeignSecret, readForeignSecret } from './foreign-secret.ts';
import {
  type ImportApiKeysInput,
  type ImportedRow,
  type ImportRow,
  parseImportRow,
} from './import-api-keys-input.ts';
import { createKeyImporter } from './import-key.ts';

/** Rows that are committed together: short enough that nobody waits long for the writer. */
const piece = 200;
/** Rows of a piece that are written before others are let in. */
const perTurn = 50;
/** Characters: a row may have thousands of unknown fields, or scopes that are not connected. */
const longestProblem = 500;

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
    if (index % piece === 0) await letOthersIn();
  }
  let propagation: Propagation = { verifiers: 0, milliseconds: 0 };
  for (let start = 0; start < candidates.length; start += piece) {
    const committed = await transact(ctx, 'api_key.imported', (tx) =>
      importPiece(ctx, tx, candidates.slice(start, start + piece)),
    );
    rows.push(...committed.result);
    // SQLite answers at once, so that without this nobody else would be heard before the last row.
    await letOthersIn();
    propagation = {
      ...committed.propagation,
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
  const importKey = await createKeyImporter(
    ctx,
    tx,
    candidates.map(({ foreign }) => foreign),
  );
  const report: ImportedRow[] = [];
  const events: EventDetail[] = [];
  await eachInTurns(candidates, perTurn, async (candidate) => {
    try {
      const { event, apiKeyId } = await importKey(candidate.row, candidate.foreign);
      if (event !== undefined) events.push(event);
      const outcome = event === undefined ? 'already_imported' : 'imported';
      report.push({ index: candidate.index, outcome, apiKeyId, problem: null });
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'unavailable') throw error;
      const fields = error.fields.map((field) => `${field.pointer.slice(1)}: ${field.message}`);
      report.push(refused(candidate.index, fields.join('; ') || error.message));
    }
  });
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

function refused(index: number, problem: string): ImportedRow {
  const said =
    problem.length > longestProblem ? `${problem.slice(0, longestProblem).toWellFormed()}…` : problem;
  return { index, outcome: 'refused', apiKeyId: null, problem: said };
}
