import { randomBytes, randomInt } from 'node:crypto';

/** A text that stands nowhere else, to be looked for afterwards. */
export const mark = (name: string): string => `MARK${name}${randomBytes(9).toString('hex')}`;

/** The same in base32, which knows no 0, 1, 8 and 9. */
export const base32Mark = (): string =>
  `MARK${Array.from(randomBytes(16), (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.charAt(byte % 32)).join('')}`;

/** The same in digits alone. */
export const digitMark = (): string =>
  `7${Array.from({ length: 17 }, () => String(randomInt(10))).join('')}`;

/** As a secret may stand in a file. */
const formsOf = (secret: string): readonly string[] => {
  const bytes = Buffer.from(secret, 'utf8');
  return [
    secret,
    bytes.toString('hex'),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    encodeURIComponent(secret),
  ];
};

/** Says which of `secrets` stands in `text`, by its name alone. */
export const found = (text: string, secrets: ReadonlyMap<string, string>): readonly string[] =>
  [...secrets].flatMap(([name, secret]) =>
    formsOf(secret).some((form) => text.includes(form)) ? [name] : [],
  );
