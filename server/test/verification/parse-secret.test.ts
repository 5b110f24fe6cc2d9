import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checksumOf, drawCheckedSecret } from '../../src/lib/checked-secret.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { parseSecret } from '../../src/verification/parse-secret.ts';

const BODY = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const brand = fc.stringMatching(/^[a-z][a-z0-9]{1,11}$/).filter((text) => text !== 'kwm');
const environment = fc.constantFrom<'live' | 'stg' | 'dev'>('live', 'stg', 'dev');

function withChecksum(text: string): string {
  return text + checksumOf(text);
}

describe('parseSecret', () => {
  it('reads the published vectors', () => {
    assert.deepEqual(parseSecret(`kw_live_${BODY}418bBM`), {
      kind: 'api_key',
      brand: 'kw',
      environment: 'live',
    });
    assert.deepEqual(parseSecret(`kw_dev_${BODY}0XcpxI`), {
      kind: 'api_key',
      brand: 'kw',
      environment: 'dev',
    });
    assert.deepEqual(parseSecret(`kwm_${BODY}02yAN1`), { kind: 'management_key' });
  });

  it('reads every secret that an organization can have', () => {
    fc.assert(
      fc.property(brand, environment, (name, env) => {
        const secret = drawCheckedSecret(`${name}_${env}_`, systemRandom);
        assert.deepEqual(parseSecret(secret), { kind: 'api_key', brand: name, environment: env });
      }),
    );
    assert.deepEqual(parseSecret(drawCheckedSecret('kwm_', systemRandom)), { kind: 'management_key' });
  });

  it('calls every one-character change of the random part or checksum malformed, exhaustively', () => {
    for (const prefix of ['kw_live_', 'kwm_']) {
      const secret = withChecksum(prefix + BODY);
      for (let at = prefix.length; at < secret.length; at++) {
        for (const other of BASE62) {
          if (other === secret[at]) continue;
          const changed = secret.slice(0, at) + other + secret.slice(at + 1);
          assert.deepEqual(parseSecret(changed), { kind: 'malformed' }, changed);
        }
      }
    }
  });

  it('never takes a secret with any one character changed for one of ours', () => {
    const secret = drawCheckedSecret('acme_stg_', systemRandom);
    fc.assert(
      fc.property(
        fc.nat({ max: secret.length - 1 }),
        fc.string({ minLength: 1, maxLength: 1 }),
        (at, other) => {
          fc.pre(other !== secret[at]);
          const { kind } = parseSecret(secret.slice(0, at) + other + secret.slice(at + 1));
          assert.ok(kind === 'malformed' || kind === 'foreign');
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('calls another brand or environment under the same checksum malformed', () => {
    const rest = `${BODY}${checksumOf(`kw_live_${BODY}`)}`;
    for (const prefix of ['kw_dev_', 'kw_stg_', 'kv_live_', 'acme_live_', 'kwm_']) {
      assert.deepEqual(parseSecret(prefix + rest), { kind: 'malformed' });
    }
  });

  it('calls a string of our shape malformed and never foreign, whatever its checksum', () => {
    const tail = fc.string({ unit: fc.constantFrom(...BASE62), minLength: 49, maxLength: 49 });
    const prefix = fc.oneof(
      fc.tuple(brand, environment).map(([name, env]) => `${name}_${env}_`),
      fc.constantFrom('kwm_', 'kwm_live_', 'kwm_dev_'),
    );
    fc.assert(
      fc.property(prefix, tail, (before, after) => {
        assert.notEqual(parseSecret(before + after).kind, 'foreign');
      }),
    );
  });

  it('lets no API key have the brand of management keys, not even with a right checksum', () => {
    assert.deepEqual(parseSecret(withChecksum(`kwm_live_${BODY}`)), { kind: 'malformed' });
  });

  it('calls foreign what other systems issue', () => {
    const foreign = [
      'sk_live_4eC39HqLyjWDarjtT1zdp7dc',
      'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
      'AKIAIOSFODNN7EXAMPLE',
      '0b5f1c3a-6a54-4dc2-8ad1-1c8f8a3d1f0e',
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
      '12345678',
      '!'.repeat(8),
      'x'.repeat(512),
    ];
    for (const secret of foreign) assert.deepEqual(parseSecret(secret), { kind: 'foreign' }, secret);
  });

  it('calls foreign what only resembles our shape', () => {
    for (const secret of [
      withChecksum(`KW_live_${BODY}`),
      withChecksum(`kw_LIVE_${BODY}`),
      withChecksum(`kw_prod_${BODY}`),
      withChecksum(`k_live_${BODY}`),
      withChecksum(`1kw_live_${BODY}`),
      withChecksum(`${'a'.repeat(13)}_live_${BODY}`),
      withChecksum(`kw_live_${BODY}0`),
      withChecksum(`kw_live_${BODY.slice(1)}`),
      withChecksum(`kw-live-${BODY}`),
      withChecksum(`a_b_live_${BODY}`),
      withChecksum(`kwm_${BODY}0`),
    ]) {
      assert.deepEqual(parseSecret(secret), { kind: 'foreign' }, secret);
    }
  });

  it('calls malformed what is too short, too long or not visible ASCII', () => {
    const ours = withChecksum(`kw_live_${BODY}`);
    for (const secret of [
      '',
      '1234567',
      'x'.repeat(513),
      'x'.repeat(1_000_000),
      `${ours}\n`,
      ` ${ours}`,
      `${ours} `,
      'with blank',
      'tab\tinside',
      'null\u0000inside',
      'grüßgott',
      '\u007f'.repeat(10),
      '\ud800'.repeat(10),
      ours.replace('k', 'к'),
    ]) {
      assert.deepEqual(parseSecret(secret), { kind: 'malformed' }, JSON.stringify(secret.slice(0, 80)));
    }
  });

  it('never throws, whatever the string', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc.string({ unit: fc.constantFrom('kw', 'm', '_', 'live', 'stg', BODY, '0'), maxLength: 20 }),
    );
    fc.assert(
      fc.property(text, (secret) => {
        assert.match(parseSecret(secret).kind, /^(?:api_key|management_key|foreign|malformed)$/);
      }),
      { numRuns: 2000 },
    );
  });
});
