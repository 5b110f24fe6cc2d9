import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChangeRow, CoherenceListener } from '../../src/coherence/coherence.ts';
import { watchChangeLog } from '../../src/coherence/watch-change-log.ts';
import type { LocalChanges } from '../../src/database/database.ts';
import { onBothDatabases } from '../harness.ts';

const change = (seq: number): ChangeRow => ({
  seq,
  kind: 'api_key',
  subject: `key_${seq}`,
  organizationId: 'org_1',
});
const nextStretch = () => new Promise((resolve) => setImmediate(resolve));

/** A change log that a test grows, trims and counts the looks at. */
function fakeLog() {
  let rows: ChangeRow[] = [];
  let position = 0;
  let looks = 0;
  const log: LocalChanges = {
    readPosition: () => {
      looks += 1;
      return position;
    },
    readAfter: (seq) => {
      const found = rows.filter((row) => row.seq > seq);
      return found.length === 0 || found[0]?.seq === seq + 1 ? found : undefined;
    },
  };
  return {
    log,
    looks: () => looks,
    commit: () => {
      position += 1;
      rows.push(change(position));
    },
    trim: () => {
      rows = rows.slice(-1);
    },
    restore: (seq: number) => {
      position = seq;
      rows = [];
    },
  };
}

function watched() {
  const fake = fakeLog();
  const coherence = watchChangeLog(fake.log);
  const heard: Parameters<CoherenceListener>[0][] = [];
  coherence.onChange((changes) => heard.push(changes));
  return { ...fake, coherence, heard };
}

describe('watching the change log of an embedded database', () => {
  it('applies what was committed before it says that caches may be used', async () => {
    const { coherence, commit, heard } = watched();
    assert.equal(coherence.isCurrent(), true);
    assert.deepEqual(heard, []);
    await nextStretch();
    commit();
    commit();
    assert.equal(coherence.isCurrent(), true);
    assert.deepEqual(heard, [[change(1), change(2)]]);
    assert.equal(coherence.state().applied, 2);
  });

  it('looks once in a running stretch of JavaScript, and again in the next', async () => {
    const { coherence, looks } = watched();
    const before = looks();
    for (let asked = 0; asked < 100; asked++) coherence.isCurrent();
    assert.equal(looks(), before + 1);
    await nextStretch();
    coherence.isCurrent();
    assert.equal(looks(), before + 2);
  });

  it('keeps nothing where changes were trimmed away before they were read', async () => {
    const { coherence, commit, trim, heard } = watched();
    commit();
    commit();
    trim();
    coherence.isCurrent();
    assert.deepEqual(heard, ['everything']);
    await nextStretch();
    commit();
    coherence.isCurrent();
    assert.deepEqual(heard, ['everything', [change(3)]]);
  });

  it('keeps nothing where the counter went back: the database was put back to an older state', async () => {
    const { coherence, commit, restore, heard } = watched();
    commit();
    commit();
    coherence.isCurrent();
    await nextStretch();
    restore(1);
    coherence.isCurrent();
    assert.deepEqual(heard.at(-1), 'everything');
    assert.equal(coherence.state().applied, 1);
  });
});

onBothDatabases('the change log as SQLite gives it', (kw, kind) => {
  it('has every change under a number without gaps, and nothing on PostgreSQL, which has leases', async () => {
    const { changes } = kw().services.database;
    if (kind === 'postgres') {
      assert.equal(changes, undefined);
      return;
    }
    assert.ok(changes);
    const before = changes.readPosition();
    const { body } = await kw().call('POST', '/v1/teams', { body: { name: 'Watched' } });
    assert.equal(changes.readPosition(), before + 1);
    assert.deepEqual(
      changes
        .readAfter(before)
        ?.map(({ kind, subject, organizationId }) => ({ kind, subject, organizationId })),
      [{ kind: 'team', subject: body.id, organizationId: kw().organizationId }],
    );
    assert.deepEqual(changes.readAfter(before + 1), []);
  });
});
