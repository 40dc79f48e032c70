const cell = (text) => String(text).replaceAll('|', '\\|');

/** The text of docs/error-codes.md for the table in src/core/domain/error-codes.ts. */
export const errorCodesPage = (codes) => {
  const lines = [
    '# Error codes',
    '',
    'Made by `npm run docs` from `src/core/domain/error-codes.ts`; do not edit. `code` in an answer is the',
    'only thing to switch on. The first status is that of `/api/v1`, the second that of `/api/admin`.',
  ];
  const families = [...new Set(Object.values(codes).map((entry) => entry.family))];
  for (const family of families) {
    lines.push('', `## ${family}`, '');
    lines.push('| Code | Status | Send again | Means | Does not mean | Next |');
    lines.push('| --- | --- | --- | --- | --- | --- |');
    for (const [code, entry] of Object.entries(codes)) {
      if (entry.family !== family) continue;
      const status = `${entry.http} / ${entry.adminHttp}`;
      const cells = [
        `\`${code}\``,
        status,
        entry.retry,
        entry.meaning,
        entry.notMeaning,
        entry.next,
      ];
      lines.push(`| ${cells.map(cell).join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
};
