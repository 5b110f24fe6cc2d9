import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { issueKey, makeApplication } from '../fixtures.ts';
import { type Answer, type Keywright, startTestKeywright } from '../harness.ts';
import { assertProblem } from '../problem-assertions.ts';

// Whoever made a change and died before every verifier had let go leaves it to the next call to say when that is over.
// Here a verifier stands for it that has not applied the newest change and says nothing more: who waits, waits its lease out.

const silentFor = 500;

describe('calls on PostgreSQL', () => {
  let kw: Keywright;
  before(async () => {
    kw = await startTestKeywright('postgres', { KEYWRIGHT_LEASE_SECONDS: '0.5' });
  });
  after(() => kw?.close());

  const leases = () => {
    const { leases: found } = kw.services.database;
    assert.ok(found);
    return found.table;
  };
  /** One that lags behind the newest change. */
  async function addLaggard(leaseMs = silentFor): Promise<void> {
    await leases().register({ verifierId: 'vrf_lags', leaseMs, graceMs: 0, replaces: [] });
    await kw.services.database.write((tx) =>
      tx
        .updateTable('verifier_lease')
        .set((eb) => ({ applied_seq: eb('applied_seq', '-', 1), handed_seq: eb('applied_seq', '-', 1) }))
        .where('verifier_id', '=', 'vrf_lags')
        .execute(),
    );
  }
  async function assertWaits(status: number, call: () => Promise<Answer>): Promise<Answer> {
    await addLaggard();
    const started = performance.now();
    const answer = await call();
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    const took = performance.now() - started;
    assert.ok(took >= silentFor, `it answered after ${took} ms`);
    const { rows } = await leases().look();
    assert.ok(!rows.some(({ verifierId }) => verifierId === 'vrf_lags'), 'it was given up');
    return answer;
  }
  const newKey = async () => (await issueKey(kw, (await makeApplication(kw)).id)).apiKey;

  test('a change waits', async () => {
    const { id } = await newKey();
    const { body } = await assertWaits(200, () => kw.call('POST', `/v1/api-keys/${id}/disable`));
    assert.ok(body.propagation.milliseconds >= silentFor);
  });

  test('a call that finds it done already waits', async () => {
    const { id } = await newKey();
    await kw.call('POST', `/v1/api-keys/${id}/revoke`);
    await assertWaits(200, () => kw.call('POST', `/v1/api-keys/${id}/revoke`));
  });

  test('the replay of an Idempotency-Key waits', async () => {
    const create = () =>
      kw.call('POST', '/v1/teams', { body: { name: 'Replayed' }, headers: { 'Idempotency-Key': 'once' } });
    await create();
    const { body } = await assertWaits(201, create);
    assert.equal(body.replayed, true);
  });

  test('404 of what is gone waits', async () => {
    const { id } = (await kw.call('POST', '/v1/profiles', { body: { name: 'Gone', settings: {} } })).body;
    assert.equal((await kw.call('DELETE', `/v1/profiles/${id}`)).status, 200);
    await assertWaits(404, () => kw.call('DELETE', `/v1/profiles/${id}`));
  });

  test('409 waits', async () => {
    const create = () => kw.call('POST', '/v1/teams', { body: { name: 'Taken' } });
    await create();
    await assertWaits(409, create);
  });

  test('412 waits', async () => {
    const { id } = (await kw.call('POST', '/v1/teams', { body: { name: 'Revised' } })).body;
    const patch = { body: { name: 'Once more' }, headers: { 'If-Match': '"99"' } };
    await assertWaits(412, () => kw.call('PATCH', `/v1/teams/${id}`, patch));
  });

  test('where a verifier neither lets go nor falls silent the answer is 503 propagation_unknown: it is done, and the same call again says when it is over', async () => {
    const { id } = await newKey();
    // Long enough that a busy machine does not make it look silent.
    await addLaggard(2_000);
    const renewing = setInterval(() => {
      kw.services.database
        .write((tx) =>
          tx
            .updateTable('verifier_lease')
            .set((eb) => ({ renewals: eb('renewals', '+', 1) }))
            .where('verifier_id', '=', 'vrf_lags')
            .execute(),
        )
        .catch(() => undefined);
    }, 100);
    const answer = await kw.call('POST', `/v1/api-keys/${id}/revoke`);
    clearInterval(renewing);
    assert.equal(answer.status, 503, JSON.stringify(answer.body));
    assertProblem(answer);
    assert.equal(answer.body.code, 'propagation_unknown');
    assert.equal((await kw.call('GET', `/v1/api-keys/${id}`)).body.status, 'revoked');
    assert.equal((await kw.call('POST', `/v1/api-keys/${id}/revoke`)).status, 200);
  });
});
