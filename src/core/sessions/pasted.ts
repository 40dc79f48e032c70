/** Shorter parts are words and numbers of any address. */
const LEAST_LENGTH = 4;

/**
 * The parts of a pasted text that open something: the text itself, the values of an address' query and
 * fragment, and every longer number in it. Longest first.
 */
export const secretsIn = (pasted: string): readonly string[] => {
  const text = pasted.trim();
  const values = [...text.matchAll(/[?&#;][^=?&#;\s]*=([^&#;\s]*)/g)].map(
    ([, value]) => value ?? '',
  );
  const decoded = values.map((value) => decode(value));
  const numbers = text.match(/\d{4,}/g) ?? [];
  const all = new Set([text, ...values, ...decoded, ...numbers]);
  return [...all]
    .filter((part) => part.length >= LEAST_LENGTH)
    .sort((one, other) => other.length - one.length);
};

/** `message` with every part of `secrets` left out. */
export const withoutSecrets = (message: string, secrets: readonly string[]): string =>
  secrets.reduce((kept, secret) => kept.replaceAll(secret, '…'), message);

const decode = (value: string): string => {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
};
