import assert from 'node:assert/strict';
import { BlockList, isIPv6 } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compileIpRanges, parseIpRange } from '../../src/lib/ip-range.ts';

describe('parseIpRange takes', () => {
  const table: [text: string, canonical: string][] = [
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7/32', '203.0.113.7'],
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::1/128', '2001:db8::1'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['::/0', '::/0'],
    ['::', '::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['::ffff:203.0.113.0/120', '203.0.113.0/24'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ];
  for (const [text, canonical] of table) {
    it(text, () => {
      assert.deepEqual(parseIpRange(text), { ok: true, canonical });
      assert.deepEqual(parseIpRange(canonical), { ok: true, canonical });
    });
  }
});

describe('parseIpRange refuses', () => {
  const table: [what: string, texts: string[]][] = [
    [
      'octal, hexadecimal and short IPv4',
      ['010.0.0.1', '10.0.0.01', '0x7f.0.0.1', '1.2', '1.2.3', '16909060', '1.2.3.4.5'],
    ],
    ['numbers out of range', ['256.0.0.1', '1.2.3.4/33', '::/129', '12345::', '1.2.3.4/-1']],
    [
      'odd prefix lengths',
      [
        '1.2.3.4/',
        '1.2.3.4/08',
        '1.2.3.4/+8',
        '1.2.3.4/ 8',
        '1.2.3.4/8/8',
        '1.2.3.4/255.0.0.0',
        '1.2.3.4/1e1',
        '/8',
      ],
    ],
    ['zone ids', ['fe80::1%eth0', 'fe80::%1/64', '::1%']],
    ['IPv4-mapped ranges wider than all of IPv4', ['::ffff:0:0/95', '::ffff:1.2.3.4/90']],
    ['the deprecated IPv4-compatible form', ['::1.2.3.4', '::1.2.3.4/128']],
    [
      'blanks, brackets, ports, names, nothing',
      [
        '',
        ' 1.2.3.4',
        '1.2.3.4 ',
        '1.2.3.4\n',
        '[::1]',
        '1.2.3.4:80',
        'localhost',
        '*',
        '1.2.3.*',
        '1.2.3.4-9',
        '１.2.3.4',
        '1.2.3.4\u0000',
      ],
    ],
    ['endless text', [`${'0'.repeat(100_000)}`, `::${'/1'.repeat(50_000)}`]],
  ];
  for (const [what, texts] of table) {
    it(what, () => {
      for (const text of texts) {
        const result = parseIpRange(text);
        assert.ok(!result.ok, text.slice(0, 60));
        assert.match(result.message, /^write an IPv4 or IPv6 address or CIDR, such as/);
      }
    });
  }

  it('host bits after the prefix, and names both the range and the address', () => {
    const result = parseIpRange('10.1.2.3/8');
    assert.ok(!result.ok);
    assert.match(
      result.message,
      /write 10\.0\.0\.0\/8 for the whole range, or 10\.1\.2\.3 for the one address/,
    );
    const six = parseIpRange('2001:db8::1/64');
    assert.ok(!six.ok);
    assert.match(six.message, /write 2001:db8::\/64 .* or 2001:db8::1 /);
  });
});

describe('compileIpRanges', () => {
  it('tells inside from outside, at the edges', () => {
    const contains = compileIpRanges(['203.0.113.64/26', '2001:db8::/33', '198.51.100.1']);
    for (const ip of [
      '203.0.113.64',
      '203.0.113.127',
      '2001:db8::',
      '2001:db8:7fff:ffff::1',
      '198.51.100.1',
    ]) {
      assert.equal(contains(ip), true, ip);
    }
    for (const ip of [
      '203.0.113.63',
      '203.0.113.128',
      '2001:db8:8000::',
      '2001:db7::',
      '198.51.100.2',
      '::',
    ]) {
      assert.equal(contains(ip), false, ip);
    }
  });

  it('treats an IPv4-mapped address as IPv4, on both sides', () => {
    assert.equal(compileIpRanges(['203.0.113.0/24'])('::ffff:203.0.113.9'), true);
    assert.equal(compileIpRanges(['203.0.113.0/24'])('0:0:0:0:0:ffff:cb00:7109'), true);
    assert.equal(compileIpRanges(['::ffff:203.0.113.0/120'])('203.0.113.9'), true);
    assert.equal(compileIpRanges(['::/0'])('::ffff:203.0.113.9'), false);
    assert.equal(compileIpRanges(['::/0'])('203.0.113.9'), false);
    assert.equal(compileIpRanges(['0.0.0.0/0'])('2001:db8::1'), false);
  });

  it('lets nothing match that is no plain address, even in the widest ranges', () => {
    const contains = compileIpRanges(['0.0.0.0/0', '::/0']);
    const garbage = [
      '',
      'unknown',
      '010.0.0.1',
      '1.2',
      '1',
      '1.2.3.4/32',
      ' 1.2.3.4',
      '1.2.3.4, 5.6.7.8',
      'fe80::1%eth0',
      '::1.2.3.4',
      '[::1]',
      '1.2.3.4:80',
      '_hidden',
      '1.2.3.4\n',
      '1.2.3.4\u0000',
    ];
    for (const ip of garbage) assert.equal(contains(ip), false, ip);
  });

  it('lets an empty list and a broken entry contain nothing', () => {
    assert.equal(compileIpRanges([])('203.0.113.9'), false);
    assert.equal(compileIpRanges(['nonsense', '1.2', '', '/0'])('203.0.113.9'), false);
    assert.equal(compileIpRanges(['nonsense', '203.0.113.9'])('203.0.113.9'), true);
  });

  it('never throws, whatever the string', () => {
    const contains = compileIpRanges(['0.0.0.0/0', '::/0']);
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'0129afF:./%x') }),
    );
    fc.assert(
      fc.property(text, (ip) => {
        parseIpRange(ip);
        contains(ip);
      }),
      { numRuns: 3000 },
    );
  });

  it("agrees with Node's own block list on every range and address", () => {
    // Close addresses, so that about half of them are inside; IPv4-mapped ones are left to the table above.
    const four = fc.ipV4();
    const six = fc.ipV6().filter((ip) => isIPv6(ip) && !/^[0:]*:f{4}:/i.test(ip) && !/^::\d+\./.test(ip));
    const pair = fc.oneof(
      fc.tuple(fc.constant<'ipv4'>('ipv4'), four, four, fc.nat({ max: 32 })),
      fc.tuple(fc.constant<'ipv6'>('ipv6'), six, six, fc.nat({ max: 128 })),
      fc.tuple(fc.constant<'ipv4'>('ipv4'), four, fc.constant(null), fc.nat({ max: 32 })),
      fc.tuple(fc.constant<'ipv6'>('ipv6'), six, fc.constant(null), fc.nat({ max: 128 })),
    );
    let inside = 0;
    fc.assert(
      fc.property(pair, ([family, network, other, prefix]) => {
        const list = new BlockList();
        list.addSubnet(network, prefix, family);
        const ip = other ?? network;
        const expected = list.check(ip, family);
        if (expected) inside++;
        assert.equal(compileIpRanges([`${network}/${prefix}`])(ip), expected);
      }),
      { numRuns: 3000 },
    );
    assert.ok(inside > 100);
  });
});
