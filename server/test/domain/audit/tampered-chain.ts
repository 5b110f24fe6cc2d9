import assert from 'node:assert/strict';
import type { AuditEventTable } from '../../../src/database/schema.ts';
import { verifyChain } from '../../../src/domain/audit/verify-chain.ts';
import { createTeam } from '../../../src/domain/teams/create-team.ts';
import type { Keywright } from '../../harness.ts';

/** How many events each tampered chain has: the management key that the harness makes, and teams. */
export const length = 8;

/** A new organization with a whole chain, and the tools to tamper with it. */
export async function newChain(kw: Keywright) {
  const { organizationId: chain } = await kw.newOrganization('Tampered');
  for (let seq = 2; seq <= length; seq++) {
    await createTeam(kw.ctx(chain), { name: `Team ${seq}`, mayTouchProductionKeys: false });
  }
  const { database, auditKey } = kw.services;
  const rows = () =>
    database.read.selectFrom('audit_event').selectAll().where('chain', '=', chain).orderBy('seq').execute();
  const at = async (seq: number) => {
    const row = (await rows()).find((one) => one.seq === seq);
    assert.ok(row !== undefined);
    return row;
  };
  const update = (seq: number, values: Partial<AuditEventTable>) =>
    database.write((tx) =>
      tx.updateTable('audit_event').set(values).where('chain', '=', chain).where('seq', '=', seq).execute(),
    );
  return {
    chain,
    at,
    update,
    verify: (kept: { seq: number; hash: string }[] = []) => verifyChain(database.read, auditKey, chain, kept),
    remove: (...seqs: number[]) =>
      database.write((tx) =>
        tx.deleteFrom('audit_event').where('chain', '=', chain).where('seq', 'in', seqs).execute(),
      ),
    insert: (row: AuditEventTable) =>
      database.write((tx) => tx.insertInto('audit_event').values(row).execute()),
    setHead: (seq: number, hash: string) =>
      database.write((tx) =>
        tx.updateTable('audit_head').set({ seq, hash }).where('chain', '=', chain).execute(),
      ),
    /** Moves the events from `from` on by `by` numbers; the order keeps the primary key free. */
    renumber: async (from: number, by: number) => {
      const moved = (await rows()).filter((row) => row.seq >= from).map((row) => row.seq);
      for (const seq of by > 0 ? moved.reverse() : moved) await update(seq, { seq: seq + by });
    },
    swap: async (a: number, b: number) => {
      await update(a, { seq: 1_000_000 });
      await update(b, { seq: a });
      await update(1_000_000, { seq: b });
    },
  };
}

/** Of a chain that must be found broken: how, where, and how many events fitted before. */
export function breakOf(verdict: Awaited<ReturnType<typeof verifyChain>>) {
  assert.ok(!verdict.ok, 'the chain should have been found broken');
  return [verdict.break.kind, verdict.break.seq, verdict.events];
}
