import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { HiddenPrompt, namedValues, readPiped } from '../../src/cli/secret-input';

class Terminal extends PassThrough {
  readonly isTTY = true;
  raw: boolean[] = [];
  setRawMode(raw: boolean): void {
    this.raw.push(raw);
  }
}

const open = (): { terminal: Terminal; prompt: HiddenPrompt; said: string[] } => {
  const terminal = new Terminal();
  const said: string[] = [];
  return { terminal, said, prompt: new HiddenPrompt(terminal, (text) => said.push(text)) };
};

describe('a secret typed at a terminal', () => {
  it('is not shown, can be corrected, and leaves the terminal as before', async () => {
    const { terminal, prompt, said } = open();
    const answer = prompt.ask('Password: ');
    for (const letter of 'hunx\u007fter2\r') terminal.write(letter);
    expect(await answer).toBe('hunter2');
    prompt.close();
    expect(said).toEqual(['Password: ', '\n']);
    expect(terminal.raw).toEqual([true, false]);
  });

  it('can be broken off', async () => {
    const { terminal, prompt } = open();
    const answer = prompt.ask('');
    terminal.write('hun\u0003');
    await expect(answer).rejects.toThrow(/broken off/);
    prompt.close();
    expect(terminal.raw).toEqual([true, false]);
  });

  it('may be typed before its question, or pasted with the next one', async () => {
    const { terminal, prompt, said } = open();
    terminal.write('one\ntwo\r');
    expect([await prompt.ask('1: '), await prompt.ask('2: ')]).toEqual(['one', 'two']);
    prompt.close();
    expect(said.join('')).toBe('1: \n2: \n');
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
