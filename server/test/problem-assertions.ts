import assert from 'node:assert/strict';
import type { Answer, Keywright } from './harness.ts';

export type Refusal = { status: number; code: string; pointer?: string };

/** The answer is a problem (RFC 9457) as the API promises it; where a field is at fault, it is named with a remedy. */
export function assertRefused(answer: Answer, expected: Refusal): void {
  const said = JSON.stringify(answer.body);
  assert.equal(answer.status, expected.status, said);
  assertProblem(answer);
  assert.equal(answer.body.code, expected.code, said);
  const fields: { pointer: string; message: string }[] = answer.body.errors ?? [];
  if (expected.pointer !== undefined) {
    const named = fields.filter((field) => field.pointer === expected.pointer);
    assert.ok(named.length > 0, `${expected.pointer} is not named: ${said}`);
  }
}

/** The format of every error, whatever it is about. */
export function assertProblem({ status, headers, body }: Answer): void {
  const said = JSON.stringify(body);
  assert.equal(headers.get('content-type'), 'application/problem+json', said);
  assert.equal(body.type, 'about:blank');
  assert.equal(body.status, status);
  assert.match(body.instance, /^\//);
  assert.equal(body.requestId, headers.get('x-request-id'));
  assert.match(body.detail, /^[A-Z].*\S\S\.$/s, said);
  for (const field of body.errors ?? []) {
    assert.ok(typeof field.pointer === 'string' && field.pointer.length <= 201, said);
    assert.ok(typeof field.message === 'string' && field.message.length > 0, said);
  }
  assert.ok(said.length < 100_000, 'The answer is as large as what it refuses.');
}

/** Runs `act`, and asserts that nothing was written that a chain, or a verifier, would know of. */
export async function assertNothingChanged(kw: Keywright, act: () => Promise<void>): Promise<void> {
  const before = await heads(kw);
  await act();
  assert.deepEqual(await heads(kw), before);
}

async function heads(kw: Keywright) {
  const { read } = kw.services.database;
  return {
    chains: await read.selectFrom('audit_head').selectAll().orderBy('chain').execute(),
    changes: await read.selectFrom('change_counter').selectAll().execute(),
  };
}
