import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, test } from 'node:test';
import { createClientAddressReader } from '../../src/http/client-address.ts';

/** Who asks: the peer of the connection, what it sends, and whose word is taken. */
function addressOf(
  peer: string | undefined,
  forwarded: string | undefined,
  trusted = ['127.0.0.0/8', '::1'],
) {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const request = { headers, socket: { remoteAddress: peer } };
  return createClientAddressReader(trusted)(request as Pick<IncomingMessage, 'headers' | 'socket'>);
}

describe('the address of a client of the API', () => {
  test('is the peer, whatever it says of itself, where it is no trusted proxy', () => {
    assert.equal(addressOf('198.51.100.7', '203.0.113.9'), '198.51.100.7');
    assert.equal(addressOf('10.0.0.1', '203.0.113.9'), '10.0.0.1');
    assert.equal(addressOf('2001:db8::7', undefined), '2001:db8::7');
  });

  test('is the rightmost address that is no trusted proxy; what stands left of it is not believed', () => {
    const trusted = ['127.0.0.0/8', '10.0.0.0/8'];
    assert.equal(addressOf('127.0.0.1', '203.0.113.9'), '203.0.113.9');
    assert.equal(addressOf('127.0.0.1', '192.0.2.1, 203.0.113.9'), '203.0.113.9');
    assert.equal(addressOf('10.0.0.1', '192.0.2.1, 203.0.113.9, 10.0.0.2', trusted), '203.0.113.9');
    assert.equal(addressOf('127.0.0.1', '192.0.2.1, 10.0.0.2'), '10.0.0.2');
  });

  test('is the peer where the proxy says nothing, or names trusted proxies only', () => {
    assert.equal(addressOf('127.0.0.1', undefined), '127.0.0.1');
    assert.equal(addressOf('127.0.0.1', ''), '127.0.0.1');
    assert.equal(addressOf('127.0.0.1', '127.0.0.5, ::1'), '127.0.0.1');
  });

  test('is none where the proxy names what is no address, and where the peer has gone', () => {
    for (const text of ['unknown', '203.0.113.9:4711', "'; drop table", '192.0.2.1, _hidden']) {
      assert.equal(addressOf('127.0.0.1', text), null, text);
    }
    assert.equal(addressOf(undefined, '203.0.113.9'), null);
  });

  test('of IPv4 over a dual-stack socket is the IPv4 address', () => {
    assert.equal(addressOf('::ffff:198.51.100.7', undefined), '198.51.100.7');
    assert.equal(addressOf('::ffff:127.0.0.1', '::ffff:203.0.113.9'), '203.0.113.9');
  });
});
