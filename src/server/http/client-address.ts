import ipaddr from 'ipaddr.js';
import proxyAddr from 'proxy-addr';
import { type ChatError, invalidArgument } from '../../shared/errors.js';
import { recentlyUsed } from '../recently-used.js';
import type { TokenVendorOptions } from '../types.js';
import { VendorError } from '../vendor-error.js';

const MAX_ADDRESS_LENGTH = 100;

// The same clients come back; parsing costs more than the rest of what is done with an address.
const remembered = recentlyUsed<string>(10_000);

// Mapped, translated (SIIT, ::ffff:0:0:0/96) and NAT64 (64:ff9b::/96): all of IPv4 is in one /96 of each, in the
// last four bytes.
const EMBEDS_IPV4: ReadonlySet<string> = new Set(['ipv4Mapped', 'rfc6145', 'rfc6052']);
/** Beginning of the addresses into which a network of its own translates IPv4 (RFC 8215); where in them is its own choice. */
const OWN_TRANSLATION = /^64:ff9b:1:/;

/**
 * The address that stands for a client: IPv4 as it is; an IPv4 address that is mapped or translated into IPv6
 * as IPv4; 6to4 by its /48, which is one IPv4 address; 64:ff9b:1::/48 by the whole, for the same reason; other IPv6 by
 * its /64, since one subscriber has at least that many addresses. Ports, brackets and zone ids are dropped. `undefined` for anything that is not an
 * address.
 */
export function addressKey(raw: unknown): string | undefined {
  if (typeof raw !== 'string' || raw.length > MAX_ADDRESS_LENGTH) return undefined;
  const known = remembered.get(raw);
  if (known !== undefined) return known;
  const key = parseAddress(raw);
  if (key !== undefined) remembered.set(raw, key);
  return key;
}

function parseAddress(raw: string): string | undefined {
  let text = raw.trim();
  const bracketed = /^\[([^[\]]+)\](?::\d{1,5})?$/.exec(text)?.[1];
  if (bracketed !== undefined) text = bracketed;
  else if (/^[\d.]+:\d{1,5}$/.test(text)) text = text.slice(0, text.indexOf(':'));
  // Not `IPv4.isValid`: that takes octal, hexadecimal and shortened forms, which proxies do not write.
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text;
  text = text.replace(/%.*$/, '');
  if (!ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  const range = address.range();
  if (OWN_TRANSLATION.test(address.toString())) return `${address.toString()}/128`;
  const lastFour = address.toByteArray().slice(-4);
  if (EMBEDS_IPV4.has(range)) return new ipaddr.IPv4(lastFour).toString();
  // Teredo has the client's address there with each bit turned around; its /64 is that of a server which strangers share.
  if (range === 'teredo') return new ipaddr.IPv4(lastFour.map((byte) => byte ^ 0xff)).toString();
  const groups = range === '6to4' ? 3 : 4;
  const prefix = address.parts.slice(0, groups).map((part) => part.toString(16));
  return `${prefix.join(':')}::/${groups * 16}`;
}

/**
 * The site that an {@link addressKey} belongs to: of IPv6 the /48 that a provider may give to one
 * (RIPE-690, RFC 6177), with 65,536 keys in it.
 */
export function siteOf(key: string): string {
  const site = /^((?:[\da-f]+:){3})[\da-f]+::\/64$/.exec(key)?.[1];
  return site === undefined ? key : `${site}:/48`;
}

/** Finds the client's address in what the socket and the `X-Forwarded-For` header say. */
export type AddressResolver = (peer: string | undefined, forwardedFor: string | undefined) => string;

const MAX_FORWARDED_LENGTH = 8192;

// Takes the place of a peer that is not known: no address, and nothing that a header can hold.
const UNKNOWN_PEER = '\0';

/**
 * Compiles `trustProxy` by Express's rules (`proxy-addr` does the work).
 *
 * A peer may be unknown, since Fetch runtimes do not tell it. A number of hops does not need it: whoever
 * gives one says that the server is reached through its proxies only. Lists of addresses do: without the
 * peer's address nobody can say whether the header was written by a trusted proxy, so that is an error.
 *
 * @throws ChatError `invalid-argument` when the option makes no sense.
 */
export function addressResolver(trustProxy: TokenVendorOptions['trustProxy']): AddressResolver {
  const { trust, byHops } = compileTrust(trustProxy);
  const trusting = trustProxy !== undefined && trustProxy !== false;
  return (peer, forwardedFor) => {
    if (forwardedFor !== undefined && forwardedFor.length > MAX_FORWARDED_LENGTH) {
      throw unknownAddress(400, 'the X-Forwarded-For header is too long');
    }
    if (peer === undefined && !byHops) {
      throw unknownAddress(500, "the client's address is unknown; pass it as context.ip");
    }
    const found = trusting ? throughProxies(peer ?? UNKNOWN_PEER, forwardedFor, trust) : peer;
    const key = addressKey(found);
    if (key !== undefined) return key;
    if (found === UNKNOWN_PEER) {
      throw unknownAddress(500, "the client's address is unknown; no proxy has named it in X-Forwarded-For");
    }
    throw unknownAddress(400, "the client's address is not an IP address");
  };
}

function throughProxies(
  peer: string,
  forwardedFor: string | undefined,
  trust: (address: string, hop: number) => boolean,
): string {
  // All that proxy-addr reads of a request.
  const request = {
    headers: forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor },
    socket: { remoteAddress: peer },
  };
  return proxyAddr(request as unknown as Parameters<typeof proxyAddr>[0], trust);
}

function compileTrust(option: TokenVendorOptions['trustProxy']): {
  trust: (address: string, hop: number) => boolean;
  byHops: boolean;
} {
  if (option === undefined || option === false) return { trust: () => false, byHops: false };
  if (option === true) return { trust: () => true, byHops: true };
  if (typeof option === 'number') {
    if (!Number.isInteger(option) || option < 0) throw invalid('a number of hops must be a whole number');
    return { trust: (_, hop) => hop < option, byHops: option > 0 };
  }
  const list = typeof option === 'string' ? option.split(',').map((entry) => entry.trim()) : option;
  if (!Array.isArray(list)) throw invalid('it must be a boolean, a number, a string or an array of strings');
  for (const entry of list) {
    // '1' from an environment variable would be read as the address 0.0.0.1.
    if (/^\d*$/.test(String(entry)))
      throw invalid(`'${entry}' is no address; a number of hops must be a number`);
  }
  try {
    return { trust: proxyAddr.compile(list), byHops: false };
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : 'it cannot be read');
  }
}

function unknownAddress(status: 400 | 500, message: string): VendorError {
  return new VendorError(status === 400 ? 'invalid-argument' : 'server', message, {
    status,
    step: 'address',
  });
}

function invalid(why: string): ChatError {
  return invalidArgument('use the option trustProxy', why);
}
