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

interface Waiting {
  readonly resolve: (line: string) => void;
  readonly reject: (fault: Error) => void;
}

/** Lines typed at a terminal, which shows none of it from the first question to the close. */
export class HiddenPrompt {
  readonly #input: SecretInput;
  readonly #say: (text: string) => void;
  /** Typed, and not yet taken: an answer may be there before its question. */
  #letters: string[] = [];
  #line: string[] = [];
  #waiting: Waiting | null = null;

  constructor(input: SecretInput, say: (text: string) => void) {
    this.#input = input;
    this.#say = say;
    input.setRawMode?.(true);
    input.setEncoding('utf8');
    input.on('data', this.#listen);
    input.resume();
  }

  /** The next line. @throws GatewayError VALIDATION when it was broken off */
  ask(question: string): Promise<string> {
    this.#say(question);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#take();
    });
  }

  /** The terminal is as before. */
  close(): void {
    this.#input.off('data', this.#listen);
    this.#input.setRawMode?.(false);
    this.#input.pause();
  }

  readonly #listen = (chunk: string): void => {
    this.#letters.push(...Array.from(chunk));
    this.#take();
  };

  #take(): void {
    while (this.#waiting !== null) {
      const letter = this.#letters.shift();
      if (letter === undefined) return;
      if (ENTER.test(letter)) {
        const line = this.#line.join('');
        this.#end().resolve(line);
      } else if (letter === INTERRUPT || letter === END) {
        this.#end().reject(new GatewayError('VALIDATION', 'broken off; nothing was stored'));
      } else if (ERASE.includes(letter)) {
        this.#line.pop();
      } else if (!CONTROL.test(letter)) {
        this.#line.push(letter);
      }
    }
  }

  #end(): Waiting {
    const waiting = this.#waiting;
    if (waiting === null) throw new Error('nobody asked');
    this.#waiting = null;
    this.#line = [];
    this.#say('\n');
    return waiting;
  }
}

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
