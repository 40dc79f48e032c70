/** A sealed text names the data key by which it was sealed, so that a forgotten key is told from a changed text. */
export interface SealedText {
  readonly keyId: string;
  readonly body: string;
}

/** Of the form of sealed texts; bound into each. */
export const FORM = 1;
const SEALED = /^s1\.([0-9a-f]{16})\.([\w-]+)$/;

export const writeSealed = ({ keyId, body }: SealedText): string => `s${FORM}.${keyId}.${body}`;

/** Null when `text` is none. */
export const readSealed = (text: string): SealedText | null => {
  const [, keyId, body] = SEALED.exec(text) ?? [];
  return keyId === undefined || body === undefined ? null : { keyId, body };
};
