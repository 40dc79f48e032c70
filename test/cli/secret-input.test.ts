import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { askHidden, namedValues, readPiped } from '../../src/cli/secret-input';

class Terminal extends PassThrough {
  readonly isTTY = true;
  raw: boolean[] = [];
  setRawMode(raw: boolean): void {
    this.raw.push(raw);
  }
}

const ask = async (typed: string): Promise<{ text: string; said: string; raw: boolean[] }> => {
  const terminal = new Terminal();
  let said = '';
  const answer = askHidden(terminal, (text) => (said += text), 'Password: ');
  for (const letter of typed) terminal.write(letter);
  return { text: await answer, said, raw: terminal.raw };
};

describe('a secret typed at a terminal', () => {
  it('is not shown, and can be corrected', async () => {
    expect(await ask('hunx\u007fter2\r')).toEqual({
      text: 'hunter2',
      said: 'Password: \n',
      raw: [true, false],
    });
  });

  it('can be broken off, and the terminal is as before', async () => {
    const terminal = new Terminal();
    const answer = askHidden(terminal, () => undefined, '');
    terminal.write('hun\u0003');
    await expect(answer).rejects.toThrow(/broken off/);
    expect(terminal.raw).toEqual([true, false]);
  });

  it('may be pasted with what follows it, two in a row', async () => {
    const terminal = new Terminal();
    const first = askHidden(terminal, () => undefined, '');
    terminal.write('one\n');
    expect(await first).toBe('one');
    const second = askHidden(terminal, () => undefined, '');
    terminal.write('two\r');
    expect(await second).toBe('two');
  });
});

describe('secrets piped in', () => {
  it('are name=value lines', async () => {
    const pipe = new PassThrough();
    pipe.end('# mine\napiKey=a=b\r\n\n apiSecret = s \n');
    expect(namedValues(await readPiped(pipe))).toEqual({ apiKey: 'a=b', apiSecret: ' s ' });
  });

  it.each([
    ['apiKey=1\nhunter2', 'line 2 is not name=value'],
    ['=hunter2', 'line 1 is not name=value'],
    ['a=1\na=hunter2', 'line 2 gives a field for the second time'],
  ])('are refused by the number of the line alone: %j', (text, message) => {
    expect(() => namedValues(text)).toThrow(new RegExp(`^${message}$`));
  });
});
