import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const ROOT = path.resolve(__dirname, '..', '..');
const COMMANDS: ReadonlySet<string> = new Set(['place', 'modify', 'cancel']);

/** `file.ts: execution.place` for every use of a command of a broker's execution client in one source text. */
const sendersIn = (file: string, text: string): string[] => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const nameOf = (node: ts.Node): string | null => {
    if (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) return node.text;
    if (ts.isPropertyAccessExpression(node)) return node.name.text;
    if (ts.isElementAccessExpression(node)) {
      const { argumentExpression: key } = node;
      return ts.isStringLiteralLike(key) ? key.text : null;
    }
    if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node)) {
      return nameOf(node.expression);
    }
    return null;
  };
  const note = (what: string): void => {
    found.push(`${file}: ${what}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
      const name = nameOf(node);
      const of = nameOf(node.expression);
      if (of === 'execution') {
        // A computed member could be any of them.
        if (name === null || COMMANDS.has(name)) note(`execution.${name ?? '[…]'}`);
      } else if (name === 'execution') {
        // Taking the client into a variable of another name would hide what is done with it.
        const isUsed =
          (ts.isPropertyAccessExpression(node.parent) ||
            ts.isElementAccessExpression(node.parent)) &&
          node.parent.expression === node;
        // The one line with which an adapter declares its own client.
        const isDeclared = ts.isBinaryExpression(node.parent) && node.parent.left === node;
        if (!isUsed && !isDeclared) note('execution is passed on');
      }
    }
    if (ts.isBindingElement(node) && nameOf(node.propertyName ?? node.name) === 'execution') {
      note('execution is passed on');
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
};

const sources = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => path.join('src', name).split(path.sep).join('/'))
  .sort();

describe('the code', () => {
  it('sends place, modify and cancel to a broker in one place each, all of them in the dispatcher', () => {
    const senders = sources.flatMap((file) =>
      sendersIn(file, readFileSync(path.join(ROOT, file), 'utf8')),
    );
    expect(senders.sort()).toEqual([
      'src/core/orders/dispatcher.ts: execution.cancel',
      'src/core/orders/dispatcher.ts: execution.modify',
      'src/core/orders/dispatcher.ts: execution.place',
    ]);
  });

  it('calls the function that sends from one place only', () => {
    const file = 'src/core/orders/dispatcher.ts';
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const uses: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && node.text === 'execute') uses.push(node.parent.getText());
      ts.forEachChild(node, visit);
    };
    visit(source);
    expect(uses.filter((use) => !use.startsWith('execute = '))).toEqual([
      'execute(open.client, order, command, known, context)',
    ]);
  });
});

describe('the search for senders', () => {
  it.each([
    ['client.execution.place(a, b)', 'execution.place'],
    ["open.client['execution'].cancel(a, b)", 'execution.cancel'],
    ["client.execution['modify'](a, b)", 'execution.modify'],
    ['client.execution[name](a, b)', 'execution.[…]'],
    ['client.execution?.place(a, b)', 'execution.place'],
    ['const send = client.execution.place', 'execution.place'],
    ['const e = client.execution', 'execution is passed on'],
    ['const { execution } = client', 'execution is passed on'],
    ['const { execution: e } = client', 'execution is passed on'],
    ['run(client.execution)', 'execution is passed on'],
  ])('sees %s', (text, found) => {
    expect(sendersIn('x.ts', text)).toEqual([`x.ts: ${found}`]);
  });

  it('is not misled by comments, strings and the declaration of a client', () => {
    expect(
      sendersIn('x.ts', "// client.execution.place()\nconst s = 'execution.place()';"),
    ).toEqual([]);
  });
});
