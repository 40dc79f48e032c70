import { types } from 'node:util';
import { isError } from './errno';

const HIDDEN = '[redacted]';
const MAX_DEPTH = 8;
const MAX_ITEMS = 200;

/** Names, without case and punctuation, whose values never reach the log. */
const SECRET_NAME =
  /apikey|apisecret|password|passwd|passphrase|secret|token|totp|otp$|^pin$|mpin|authori[sz]ation|cookie|credential|privatekey|masterkey|datakey|sessionkey|checksum|^jwt|hmac|signature/;
/** They hold the word "token" but name an instrument. */
const PUBLIC_NAME = /^(instrument|symbol|exchange)tokens?$/;

const TEXT_RULES: readonly (readonly [RegExp, string])[] = [
  // scheme://user:password@host
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, `$1${HIDDEN}@`],
  [/\b(bearer|basic|token)\s+[\w.~+/:=-]{8,}/gi, `$1 ${HIDDEN}`],
  // name=value, "name":"value", name: value
  [
    /((?:api[_-]?key|api[_-]?secret|pass(?:word|wd|phrase)|secret|(?<!instrument_?|symbol_?|exchange_?)token|totp|otp|mpin|authorization|cookie)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s&,;"'}]+)/gi,
    `$1${HIDDEN}`,
  ],
  // Our own API keys, wherever they turn up.
  [/\b[0-9a-f]{64}\b/gi, HIDDEN],
];

/** Whether a field of this name is hidden. */
const isSecretName = (name: string): boolean => {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return SECRET_NAME.test(plain) && !PUBLIC_NAME.test(plain);
};

/** `text` without the secrets that can be recognised in free text. */
export const redactText = (text: string): string =>
  TEXT_RULES.reduce((kept, [pattern, replacement]) => kept.replace(pattern, replacement), text);

/** The fields of one log line without secrets: values of secret names, and secrets inside texts. */
export const redactFields = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  copyEntries(Object.entries(fields), 0, new Set());

const copy = (value: unknown, depth: number, above: ReadonlySet<object>): unknown => {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint' || typeof value === 'symbol') return value.toString();
  if (typeof value === 'function') return '[function]';
  if (typeof value !== 'object' || value === null) return value;
  if (above.has(value)) return '[circular]';
  if (depth >= MAX_DEPTH) return '[deep]';
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  const inside = new Set(above).add(value);
  if (isError(value)) return copyError(value, depth, inside);
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (types.isMap(value)) return copyEntries([...value.entries()], depth, inside);
  if (Array.isArray(value) || types.isSet(value)) return copyItems([...value], depth, inside);
  return copyEntries(Object.entries(value), depth, inside);
};

const copyItems = (items: unknown[], depth: number, above: ReadonlySet<object>): unknown[] => {
  const kept = items.slice(0, MAX_ITEMS).map((item) => copy(item, depth + 1, above));
  if (items.length > MAX_ITEMS) kept.push(`[${items.length - MAX_ITEMS} more]`);
  return kept;
};

const copyEntries = (
  entries: (readonly [unknown, unknown])[],
  depth: number,
  above: ReadonlySet<object>,
): Record<string, unknown> => {
  const kept: Record<string, unknown> = {};
  for (const [key, item] of entries.slice(0, MAX_ITEMS)) {
    const name = String(key);
    kept[name] =
      isSecretName(name) && item !== null && item !== undefined
        ? HIDDEN
        : copy(item, depth + 1, above);
  }
  if (entries.length > MAX_ITEMS) kept['…'] = `[${entries.length - MAX_ITEMS} more]`;
  return kept;
};

const copyError = (error: Error, depth: number, above: ReadonlySet<object>): unknown => ({
  ...copyEntries(Object.entries(error), depth, above),
  name: error.name,
  message: redactText(error.message),
  ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
  ...(error.cause === undefined ? {} : { cause: copy(error.cause, depth + 1, above) }),
});
