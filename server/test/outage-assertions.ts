import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { verifyChain } from '../src/domain/audit/verify-chain.ts';
import type { Services } from '../src/domain/context.ts';
import type { Answer } from './harness.ts';
import { assertProblem } from './problem-assertions.ts';

/** A clear 503: a problem, with Retry-After, and no verdict in it. */
export function assertUnavailable(answer: Answer, codes = ['unavailable']): void {
  assert.equal(answer.status, 503, JSON.stringify(answer.body));
  assertProblem(answer);
  assert.ok(codes.includes(answer.body.code), answer.body.code);
  assert.equal(answer.headers.get('retry-after'), '1');
  assert.equal(answer.body.allowed, undefined);
}

export async function within<Result>(milliseconds: number, act: Promise<Result>): Promise<Result> {
  const started = performance.now();
  const result = await act;
  const took = performance.now() - started;
  assert.ok(took <= milliseconds, `It took ${Math.round(took)} ms, more than ${milliseconds}.`);
  return result;
}

export async function waitUntil(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const started = performance.now(); !(await holds()); await pause(50)) {
    assert.ok(performance.now() - started < 20_000, `${what} has not come about within 20 s.`);
  }
}

/** Nothing half done: the chain is whole, and each team has its one event. */
export async function assertWhole({ database, auditKey }: Services, organizationId: string): Promise<void> {
  const verdict = await verifyChain(database.read, auditKey, organizationId);
  assert.ok(verdict.ok, JSON.stringify(verdict));
  const teams = await database.read.selectFrom('team').select('id').orderBy('id').execute();
  const events = await database.read
    .selectFrom('audit_event')
    .select('target_id as id')
    .where('action', '=', 'team.created')
    .orderBy('target_id')
    .execute();
  assert.deepEqual(teams, events);
}
