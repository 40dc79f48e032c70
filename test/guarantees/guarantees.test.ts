import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import * as orderState from '../../src/core/domain/order-state';
import * as promises from '../../src/core/orders/guarantees';
import { withScript } from '../support/script-module';

const ROOT = path.resolve(__dirname, '..', '..');
const PAGE = readFileSync(path.join(ROOT, 'docs', 'order-life.md'), 'utf8');

/** The names of all tests and groups of one file: what stands first in it(…), it.each(…)(…) and describe(…). */
const testNames = (file: string, text: string): string[] => {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(it|describe)\b/.test(node.expression.getText())) {
      const [first] = node.arguments;
      if (first !== undefined && ts.isStringLiteralLike(first)) names.push(first.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return names;
};

describe('a guarantee', () => {
  it.each(promises.GUARANTEES.map((one) => [one.id, one] as const))(
    'names tests that exist: %s',
    (_id, guarantee) => {
      expect(guarantee.tests).not.toHaveLength(0);
      for (const { file, name } of guarantee.tests) {
        const whole = path.join(ROOT, file);
        if (!existsSync(whole)) throw new Error(`there is no ${file}`);
        const names = testNames(file, readFileSync(whole, 'utf8'));
        expect(names.filter((one) => one.includes(name))).toHaveLength(1);
      }
    },
  );

  it('has an id of its own', () => {
    const ids = promises.GUARANTEES.map((one) => one.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('docs/order-life.md', () => {
  it('is what `npm run docs` makes of the code', async () => {
    const states = orderState.ORDER_STATES.map((state) => ({
      state,
      status: orderState.openAlgoStatus(state),
      final: orderState.isTerminal(state),
    }));
    const made = await withScript(
      'order-life-page.mjs',
      'const { format } = await import("prettier"); return format(m.orderLifePage(input.page, input.facts), { parser: "markdown", printWidth: 100 });',
      {
        page: PAGE,
        facts: {
          states,
          moves: orderState.ORDER_MOVES,
          guarantees: promises.GUARANTEES,
          words: promises.STATE_WORDS,
        },
      },
    );
    expect(PAGE).toBe(made);
  });

  it('has a row for every guarantee and every state, and a place for the matrix', () => {
    for (const { id } of promises.GUARANTEES) expect(PAGE).toContain(`<a id="${id}">`);
    for (const state of orderState.ORDER_STATES) expect(PAGE).toContain(`| \`${state}\``);
    expect(PAGE).toMatch(/<!-- chaos-matrix -->[^]*<!-- \/chaos-matrix -->/);
  });
});

describe('the search for tests', () => {
  it('finds plain, parametrised and grouped ones, and nothing in comments', () => {
    const text = `
      // it('commented', () => {});
      describe('group', () => { it('plain', () => {}); it.each([1])('each %s', () => {}); });
    `;
    expect(testNames('x.ts', text).sort()).toEqual(['each %s', 'group', 'plain']);
  });
});
