import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { nameOfField } from '../../src/cli/name-of-field.ts';

const command = new Command('create')
  .argument('<title>')
  .argument('<file>')
  .option('--application <id>')
  .option('--expires-at <instant>')
  .option('--scope <scopes...>')
  .option('--ip <ranges...>')
  .option('--limit <number>');

describe('a field of the API is named at the command line', () => {
  for (const [pointer, name] of [
    ['/applicationId', '--application'],
    ['/expiresAt', '--expires-at'],
    ['/scopes', '--scope'],
    ['/scopes/1', '--scope, value 2'],
    ['/ipAllowlist/0', '--ip, value 1'],
    ['?limit', '--limit'],
    ['/title', '<title>'],
    ['/document', '<file>'],
    ['/document/paths/~1a', '<file>'],
    ['/keys/7/name', '<file>, at /7/name'],
  ] as const) {
    it(`${pointer} as ${name}`, () => assert.equal(nameOfField(command, pointer), name));
  }

  it('as it is, where the command has no option for it, or no command runs', () => {
    assert.equal(nameOfField(command, '/elsewhere/2'), '/elsewhere/2');
    assert.equal(nameOfField(command, ''), '');
    assert.equal(nameOfField(undefined, '/scopes'), '/scopes');
  });
});
