import { GatewayError } from '../core/domain/errors';

/** Standard input, or what a test puts in its place. */
export interface SecretInput extends AsyncIterable<Buffer | string> {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
  setEncoding(encoding: 'utf8'): unknown;
  on(event: 'data', listener: (chunk: string) => void): unknown;
  off(event: 'data', listener: (chunk: string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

const ENTER = /[\r\n]/;
const INTERRUPT = '\u0003';
const END = '\u0004';
const ERASE = ['\u007f', '\b'];
const CONTROL = /\p{Cc}/u;

/** One line typed at a terminal, which shows none of it. @throws GatewayError VALIDATION when it was broken off */
export const askHidden = (
  input: SecretInput,
  say: (text: string) => void,
  question: string,
): Promise<string> =>
  new Promise((resolve, reject) => {
    let typed: string[] = [];
    const finish = (end: () => void): void => {
      input.off('data', listen);
      input.setRawMode?.(false);
      input.pause();
      say('\n');
      end();
    };
    const listen = (chunk: string): void => {
      for (const letter of chunk) {
        if (ENTER.test(letter)) {
          finish(() => {
            resolve(typed.join(''));
          });
          return;
        }
        if (letter === INTERRUPT || letter === END) {
          finish(() => {
            reject(new GatewayError('VALIDATION', 'broken off; nothing was stored'));
          });
          return;
        }
        if (ERASE.includes(letter)) typed = typed.slice(0, -1);
        else if (!CONTROL.test(letter)) typed.push(letter);
      }
    };
    say(question);
    input.setRawMode?.(true);
    input.setEncoding('utf8');
    input.on('data', listen);
    input.resume();
  });

/** All that was piped in. */
export const readPiped = async (input: SecretInput): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
};

/** `name=value` lines as an object; blank lines and lines that begin with # are skipped. @throws GatewayError VALIDATION that names the line by its number alone */
export const namedValues = (text: string): Readonly<Record<string, string>> => {
  const values = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    const name = line.slice(0, Math.max(0, at)).trim();
    if (at < 1 || name === '') {
      throw new GatewayError('VALIDATION', `line ${index + 1} is not name=value`);
    }
    if (values.has(name)) {
      throw new GatewayError('VALIDATION', `line ${index + 1} gives a field for the second time`);
    }
    values.set(name, line.slice(at + 1));
  }
  return Object.fromEntries(values);
};
