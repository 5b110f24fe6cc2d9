import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/build-program.ts';
import { type Keywright, onBothDatabases } from '../harness.ts';
import { operations } from '../operations.ts';
import { type Call, readVerdict, type VerdictChange } from './verdict-change.ts';
import { commandChanges, everyVerdictChange, verdictChanges } from './verdict-changes.ts';

describe('the table of what changes verdicts', () => {
  test('has every operation that changes something, and no other', () => {
    const changing = Object.entries(operations).filter(([, operation]) => operation.changes);
    assert.deepEqual(Object.keys(verdictChanges).sort(), changing.map(([name]) => name).sort());
  });

  test('has every command, and no other; what it points to exists', () => {
    const none = () => {
      throw new Error('no command is run here');
    };
    const deps = { open: none, start: none, readSettings: none, clock: () => 0, random: none };
    const leaves = (command: Command, words: readonly string[]): string[] =>
      command.commands.length === 0
        ? [words.join(' ')]
        : command.commands.flatMap((one) => leaves(one, [...words, one.name()]));
    assert.deepEqual(Object.keys(commandChanges).sort(), leaves(buildProgram(deps), []).sort());
    for (const [command, entry] of Object.entries(commandChanges)) {
      if ('as' in entry) assert.ok(entry.as in verdictChanges, command);
      if ('shownIn' in entry)
        assert.ok(existsSync(resolve(import.meta.dirname, '../../..', entry.shownIn)), command);
    }
  });
});

onBothDatabases('a change of verdicts', (kw) => {
  for (const change of everyVerdictChange) {
    test(`${change.what}: what is said before and after it`, () => walk(kw(), change));
  }
});

async function walk(kw: Keywright, { prepare }: VerdictChange): Promise<void> {
  const { change, question, before, after, show } = await prepare(kw);
  const send = ({ method, path, body, key = kw.adminKey }: Call) =>
    kw.call(method, path, { key, ...(body === undefined ? {} : { body }) });
  if (typeof question !== 'function') assert.equal(readVerdict(await send(question), show), before);
  const answer = await send(change);
  assert.ok([200, 201].includes(answer.status), JSON.stringify(answer.body));
  const asked = typeof question === 'function' ? question(answer.body) : question;
  assert.equal(readVerdict(await send(asked), show), after);
  assert.notEqual(before, after);
}
