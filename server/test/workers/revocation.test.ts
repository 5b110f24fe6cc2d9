import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { type Crew, type Line, withCrew } from './crew.ts';

const main = resolve(import.meta.dirname, '../../src/main.ts');
const rounds = 3;

/** A key that every worker has let pass, so that each has it in memory. */
async function issue({ adminKey }: Crew, lines: readonly Line[], applicationId: string) {
  const [first = assert.fail()] = lines;
  const body = { name: 'Key', applicationId, environment: 'production' };
  const made = await first.ask('POST', '/v1/api-keys', { key: adminKey, body });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { secret, apiKey } = made.body;
  const verify = async (line: Line) => {
    const { status, body: said } = await line.ask('POST', '/v1/verify', { key: adminKey, body: { secret } });
    assert.equal(status, 200, JSON.stringify(said));
    return said.allowed ? 'allowed' : said.reason;
  };
  for (const line of [...lines, ...lines]) assert.equal(await verify(line), 'allowed');
  return { id: String(apiKey.id), verify };
}

async function makeApplication({ adminKey }: Crew, [line = assert.fail()]: readonly Line[]) {
  const body = { title: 'Application', description: '' };
  const made = await line.ask('POST', '/v1/applications', { key: adminKey, body });
  return String(made.body.id);
}

describe('a revocation that has returned', { concurrency: 2 }, () => {
  for (const [kind, count] of [
    ['sqlite', 4],
    ['postgres', 2],
  ] as const) {
    it(`through any worker holds at the very next verification of every one [${kind}]`, () =>
      withCrew(kind, count, async (crew) => {
        const lines = await crew.lines();
        const applicationId = await makeApplication(crew, lines);
        for (let round = 0; round < rounds; round += 1) {
          for (const [number, through] of lines.entries()) {
            const { id, verify } = await issue(crew, lines, applicationId);
            const revoked = await through.ask('POST', `/v1/api-keys/${id}/revoke`, { key: crew.adminKey });
            assert.equal(revoked.status, 200, JSON.stringify(revoked.body));
            const verdicts = await Promise.all(lines.map(verify));
            assert.deepEqual(verdicts, Array(count).fill('revoked'), `revoked through worker ${number + 1}`);
          }
        }
      }));

    it(`by the command line beside them holds at the very next verification of every one [${kind}]`, () =>
      withCrew(kind, count, async (crew) => {
        const lines = await crew.lines();
        const applicationId = await makeApplication(crew, lines);
        const env = {
          PATH: process.env.PATH,
          NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
          ...crew.folder.environment,
        };
        for (let round = 0; round < 3; round += 1) {
          const { id, verify } = await issue(crew, lines, applicationId);
          await promisify(execFile)(process.execPath, [main, 'api-keys', 'revoke', id], { env });
          assert.deepEqual(await Promise.all(lines.map(verify)), Array(count).fill('revoked'));
        }
      }));
  }
});
