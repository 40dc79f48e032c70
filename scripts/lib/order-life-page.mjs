const cell = (text) => String(text).replaceAll('|', '\\|');
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map(cell).join(' | ')} |`)
    .join('\n');

const statesTable = ({ states, words }) =>
  table(
    ['State', 'Means', '`order_status`', 'Finished', 'Answer to the placement'],
    states.map(({ state, status, final }) => [
      `\`${state}\``,
      words[state].means,
      status,
      final ? 'yes' : '',
      words[state].answer,
    ]),
  );

const movesTable = ({ moves }) =>
  table(
    ['From', 'Event and the state it leads to'],
    Object.entries(moves).map(([state, events]) => [
      `\`${state}\``,
      Object.entries(events)
        .map(([event, to]) => `${event} → \`${to}\``)
        .join(', ') || 'none',
    ]),
  );

const guaranteesTable = ({ guarantees }) =>
  table(
    ['Guarantee', 'Checked by'],
    guarantees.map(({ id, text, tests }) => [
      `<a id="${id}"></a>${text}`,
      tests.map(({ file, name }) => `[${name}](../${file})`).join('; '),
    ]),
  );

const PARTS = { states: statesTable, moves: movesTable, guarantees: guaranteesTable };

/** The text of docs/order-life.md with its tables made anew from the code; throws when a marker is missing. */
export const orderLifePage = (page, facts) =>
  Object.entries(PARTS).reduce((text, [name, make]) => {
    const pattern = new RegExp(`(<!-- ${name} -->)[^]*?(<!-- /${name} -->)`);
    if (!pattern.test(text)) throw new Error(`docs/order-life.md has no <!-- ${name} --> pair`);
    return text.replace(pattern, (_all, open, close) => `${open}\n\n${make(facts)}\n\n${close}`);
  }, page);

/** What the page is made from: `state` is the module order-state, `promises` the module guarantees. */
export const orderLifeFacts = (state, promises) => ({
  states: state.ORDER_STATES.map((name) => ({
    state: name,
    status: state.openAlgoStatus(name),
    final: state.isTerminal(name),
  })),
  moves: state.ORDER_MOVES,
  guarantees: promises.GUARANTEES,
  words: promises.STATE_WORDS,
});
