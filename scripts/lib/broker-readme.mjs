const cell = (text) => String(text).replaceAll('|', '\\|');
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map(cell).join(' | ')} |`)
    .join('\n');

const MEANS = { native: '', emulated: ' (emulated)' };

/** What a broker can do, as its module declares it. */
const capabilityTable = ({ capabilities: can, credentialFields = [] }) => {
  const types = Object.entries(can.orderTypes);
  const offered = types.filter(([, support]) => support !== 'none');
  const absent = types.filter(([, support]) => support === 'none').map(([type]) => type);
  const fields = credentialFields.map(
    ({ label, required }) => `${label}${required ? '' : ' (for a login without a person)'}`,
  );
  const tag = can.clientTag;
  return table(
    ['Capability', ''],
    [
      ['Order types', offered.map(([type, support]) => `${type}${MEANS[support]}`).join(', ')],
      ['Not offered', absent.join(', ') || 'none'],
      ['Products', can.products.join(', ')],
      ...Object.entries(can.withheld ?? {}).map(([product, why]) => [`No ${product}`, why]),
      ['Validity', can.timesInForce.join(', ')],
      ['Modify', can.canModify ? 'yes' : 'no'],
      [
        'Client tag',
        tag === null ? 'none' : `up to ${tag.maxLength} letters; comes back ${tag.echo}`,
      ],
      ['Command time-out', `${can.commandTimeoutMs / 1000} s`],
      ['Credentials', fields.join(', ') || 'none'],
    ],
  );
};

const WINDOWS = [
  [1_000, 'second'],
  [60_000, 'minute'],
  [86_400_000, 'day'],
];
const windowOf = ({ windowMs, resets }) => {
  const name = WINDOWS.find(([ms]) => ms === windowMs)?.[1] ?? `${windowMs} ms`;
  return resets === 'ist-midnight' ? `${name} in India` : name;
};

const limitTable = ({ rateRules }) =>
  table(
    ['Rule', 'Calls', 'In one', 'At most', 'Of these, entries and reads', 'Source'],
    rateRules.map((rule) => [
      rule.name,
      rule.classes.join(' and '),
      windowOf(rule),
      rule.limit,
      rule.entryLimit,
      rule.source,
    ]),
  );

const PARTS = { capabilities: capabilityTable, limits: limitTable };

/** The text of a broker's README with its tables made anew from its module; throws when a marker is missing. */
export const brokerReadme = (page, module) =>
  Object.entries(PARTS).reduce((text, [name, make]) => {
    const pattern = new RegExp(`(<!-- ${name} -->)[^]*?(<!-- /${name} -->)`);
    if (!pattern.test(text)) throw new Error(`the README has no <!-- ${name} --> pair`);
    return text.replace(pattern, (_all, open, close) => `${open}\n\n${make(module)}\n\n${close}`);
  }, page);
