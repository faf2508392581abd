import express from 'express';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { addressKey, addressResolver, siteOf } from '../../src/server/http/client-address.js';
import { VendorError } from '../../src/server/vendor-error.js';

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2::/64', '2001:db8:1::/48'],
  ['2001:db8:1:ffff::/64', '2001:db8:1::/48'],
  ['2002:cb00:7107::/48', '2002:cb00:7107::/48'],
])('%s is of the site %s', (key, site) => {
  expect(siteOf(key)).toBe(site);
});

describe('the address that stands for a client', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    [' 203.0.113.7 ', '203.0.113.7'],
    ['203.0.113.7:51234', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['[::ffff:203.0.113.7]:443', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::9]', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['fe80::1%25eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::cb00:7107', '203.0.113.7'],
    ['64:ff9b::203.0.113.7', '203.0.113.7'],
    ['::ffff:0:cb00:7107', '203.0.113.7'],
    ['[::ffff:0:203.0.113.7]:443', '203.0.113.7'],
    // Of strangers who use the same server, or the same translator.
    ['2001::c633:6401:0:7a69:34ff:8ef8', '203.0.113.7'],
    ['2001:0:c633:6401:8000:1:34ff:8ef7', '203.0.113.8'],
    ['64:ff9b:1::cb00:7107', '64:ff9b:1::cb00:7107/128'],
    ['64:ff9b:1:fffe::cb00:7107', '64:ff9b:1:fffe::cb00:7107/128'],
    ['2002:cb00:7107::1', '2002:cb00:7107::/48'],
    ['2002:cb00:7107:ffff::1', '2002:cb00:7107::/48'],
  ])('of %s is %s', (raw, key) => {
    expect(addressKey(raw)).toBe(key);
    expect(addressKey(raw)).toBe(key);
  });

  it.each([
    undefined,
    null,
    '',
    'unknown',
    '_hidden',
    'localhost',
    '1',
    '0x7f.1',
    '0177.0.0.1',
    '010.0.0.1',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '1.2.3.4/8',
    ':::',
    '2001:db8::1::2',
    '1.2.3.4, 5.6.7.8',
    'x'.repeat(1000),
    42,
  ])('is none for %j', (raw) => {
    expect(addressKey(raw)).toBeUndefined();
  });

  it('is one for all 10,000 addresses of an IPv6 /64, and another for the /64 beside it', () => {
    const keys = new Set(
      Array.from({ length: 10_000 }, (_, i) =>
        addressKey(`2001:db8:0:1:${((i * 7) % 0x10000).toString(16)}::${i.toString(16)}`),
      ),
    );
    expect([...keys]).toEqual(['2001:db8:0:1::/64']);
    expect(addressKey('2001:db8:0:2::1')).not.toBe('2001:db8:0:1::/64');
  });

  it.each(['64:ff9b::', '::ffff:0:', '::ffff:'])('is one for each IPv4 address behind %s', (prefix) => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(addressKey(`${prefix}${address}`)).toBe(address);
      }),
    );
  });

  it('is one for all the subnets of a 6to4 site, and another for the site beside it', () => {
    const keys = new Set(
      Array.from({ length: 1000 }, (_, i) => addressKey(`2002:cb00:7107:${i.toString(16)}::1`)),
    );
    expect(keys.size).toBe(1);
    expect(addressKey('2002:cb00:7108::1')).not.toBe([...keys][0]);
  });
});

describe('trustProxy', () => {
  const PROXY = '10.0.0.1';

  it.each([
    // [option, peer, X-Forwarded-For, client]
    [undefined, PROXY, '6.6.6.6', PROXY],
    [false, PROXY, '6.6.6.6', PROXY],
    [0, PROXY, '6.6.6.6', PROXY],
    [1, PROXY, '6.6.6.6, 203.0.113.9', '203.0.113.9'],
    [2, PROXY, '6.6.6.6, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    [2, PROXY, '203.0.113.9', '203.0.113.9'],
    [1, PROXY, undefined, PROXY],
    [true, PROXY, '203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['10.0.0.0/8', PROXY, '6.6.6.6, 203.0.113.9, 10.2.3.4', '203.0.113.9'],
    ['10.0.0.0/8', '192.0.2.1', '6.6.6.6', '192.0.2.1'],
    ['loopback, 10.0.0.0/8', '127.0.0.1', '6.6.6.6, 203.0.113.9, 10.2.3.4', '203.0.113.9'],
    ['loopback', '::ffff:127.0.0.1', '203.0.113.9', '203.0.113.9'],
    [['uniquelocal', '2001:db8::/32'], '2001:db8::5', 'junk, 203.0.113.9, 10.0.0.9', '203.0.113.9'],
    ['10.0.0.0/8', PROXY, '203.0.113.9:55555', '203.0.113.9'],
    ['10.0.0.0/8', PROXY, '10.0.0.5', '10.0.0.5'],
  ])('%j with peer %s and "%s" finds %s', (option, peer, header, client) => {
    expect(addressResolver(option)(peer, header)).toBe(client);
  });

  it.each([
    ['junk where a proxy should have put an address', 1, PROXY, '203.0.113.9, garbage', 400],
    ['a header without end', 1, PROXY, '1.2.3.4, '.repeat(2000), 400],
    ['no peer', false, undefined, '203.0.113.9', 500],
    ['no peer, and a list that would have to hold it', '10.0.0.0/8', undefined, '203.0.113.9', 500],
    ['no peer, and no hops', 0, undefined, '203.0.113.9', 500],
    ['no peer, and nothing forwarded', 1, undefined, undefined, 500],
    ['no peer, and an empty header', 1, undefined, '', 500],
    ['a peer that is no address', false, 'pipe', undefined, 400],
  ] as const)('has no shared key for %s', (_, option, peer, header, status) => {
    try {
      addressResolver(option)(peer, header);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(VendorError);
      expect((error as VendorError).status).toBe(status);
    }
  });

  it('as a number of hops needs no peer, since it says that proxies are the only way in', () => {
    expect(addressResolver(1)(undefined, '6.6.6.6, 203.0.113.9')).toBe('203.0.113.9');
    expect(addressResolver(2)(undefined, '6.6.6.6, 203.0.113.9, 10.0.0.2')).toBe('203.0.113.9');
    expect(addressResolver(true)(undefined, '203.0.113.9')).toBe('203.0.113.9');
  });

  it.each([-1, 1.5, Number.NaN, '1', '', 'not an address', ['10.0.0.0/99'], {}, [1]])(
    'refuses %j',
    (option) => {
      expect(() => addressResolver(option as never)).toThrow(/unable to use the option trustProxy/);
    },
  );

  it('finds the address that Express finds, whatever is in the header', () => {
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.constantFrom('10.0.0.1', '10.1.1.1', '127.0.0.1', '::1', '192.168.0.1', 'unknown', '1.2.3.4:80', ''),
    );
    const option = fc.constantFrom<boolean | number | string | string[]>(
      false,
      true,
      0,
      1,
      2,
      3,
      'loopback',
      '10.0.0.0/8',
      'loopback, linklocal, uniquelocal',
      ['10.0.0.1', '::1'],
    );
    const peer = fc.oneof(fc.ipV4(), fc.constantFrom('10.0.0.1', '127.0.0.1', '::1', '::ffff:10.0.0.1'));
    fc.assert(
      fc.property(option, peer, fc.array(address, { maxLength: 5 }), (trust, remoteAddress, hops) => {
        const header = hops.length === 0 ? undefined : hops.join(', ');
        expect(ourAnswer(trust, remoteAddress, header)).toBe(expressAnswer(trust, remoteAddress, header));
      }),
      { numRuns: 2000 },
    );
  });
});

function ourAnswer(trust: boolean | number | string | string[], peer: string, header: string | undefined) {
  try {
    return addressResolver(trust)(peer, header);
  } catch {
    return undefined;
  }
}

function expressAnswer(
  trust: boolean | number | string | string[],
  peer: string,
  header: string | undefined,
) {
  const app = express();
  app.set('trust proxy', trust);
  const request = Object.assign(Object.create(app.request), {
    app,
    headers: header === undefined ? {} : { 'x-forwarded-for': header },
    socket: { remoteAddress: peer },
    connection: { remoteAddress: peer },
  });
  return addressKey(request.ip);
}
