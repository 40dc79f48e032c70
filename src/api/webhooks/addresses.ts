import { BlockList, isIP } from 'node:net';

const RANGE = /^([0-9A-Fa-f.:]{2,45})(?:\/(\d{1,3}))?$/;

interface Range {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly prefix: number;
}

const parse = (text: string): Range | null => {
  const parts = RANGE.exec(text);
  const address = parts?.[1] ?? '';
  const version = isIP(address);
  if (version === 0) return null;
  const bits = version === 4 ? 32 : 128;
  const prefix = parts?.[2] === undefined ? bits : Number(parts[2]);
  return prefix > bits ? null : { address, family: version === 4 ? 'ipv4' : 'ipv6', prefix };
};

/** Whether `text` is an address or a network such as `10.0.0.0/8`. */
export const isAddressRange = (text: string): boolean => parse(text) !== null;

/** An address without the form in which a dual-stack socket shows IPv4. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d)/i, '');

/** A test of addresses against `ranges`. @throws TypeError for a text that is no range */
export const addressSet = (ranges: readonly string[]): ((address: string) => boolean) => {
  const list = new BlockList();
  for (const text of ranges) {
    const range = parse(text);
    if (range === null) throw new TypeError(`${text} is no address and no network`);
    list.addSubnet(range.address, range.prefix, range.family);
  }
  return (address) => {
    const plain = plainAddress(address);
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
  };
};

/**
 * Names that stand for published addresses. TradingView lists these four for its webhooks; they can
 * change without notice, so compare with its help page on webhooks. @see https://www.tradingview.com/support/solutions/43000529348/
 */
const PRESETS: ReadonlyMap<string, readonly string[]> = new Map([
  ['tradingview', ['52.89.214.238', '34.212.75.30', '54.218.53.128', '52.32.178.7']],
]);

/** Whether `text` may stand in the allow-list of a webhook: a range, or the name of a preset. */
export const isAllowEntry = (text: string): boolean => PRESETS.has(text) || isAddressRange(text);

/** A test of addresses against an allow-list with presets. */
export const allowListOf = (entries: readonly string[]): ((address: string) => boolean) =>
  addressSet(entries.flatMap((entry) => PRESETS.get(entry) ?? [entry]));

/**
 * Who calls: the peer, or, when the peer is a trusted proxy, the nearest address in `forwardedFor` that
 * is none. A forwarded text that is no address is not believed: then it is the proxy itself.
 */
export const callerAddress = (
  peer: string,
  forwardedFor: string | null,
  isTrusted: (address: string) => boolean,
): string => {
  let caller = plainAddress(peer);
  const hops = forwardedFor === null ? [] : forwardedFor.split(',').map((hop) => hop.trim());
  for (const hop of hops.reverse()) {
    if (!isTrusted(caller) || isIP(plainAddress(hop)) === 0) break;
    caller = plainAddress(hop);
  }
  return caller;
};
