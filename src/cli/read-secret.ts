import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** What a secret may be at most, characters. */
const LIMIT = 4096;

/**
 * One line that the person types or pastes; a terminal does not show it. When the input is no terminal,
 * all of it. `prompt` goes to standard error, so that standard output holds answers only.
 */
export const readSecret = async (prompt: string): Promise<string> => {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) {
    let text = '';
    for await (const chunk of stdin) {
      text += String(chunk);
      if (text.length > 2 * LIMIT) break;
    }
    return text.trim();
  }
  stderr.write(prompt);
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true });
  try {
    return await new Promise<string>((resolve) => {
      lines.once('line', (line) => {
        resolve(line.trim());
      });
      // Ctrl-C and the end of the input are an empty answer.
      lines.once('close', () => {
        resolve('');
      });
    });
  } finally {
    lines.close();
    stderr.write('\n');
  }
};
