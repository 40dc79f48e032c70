/** Messages in the form that the reference describes (47 and more texts); every value is invented. */
const blank = (length: number): string[] => Array.from({ length }, () => '');

const fill = (length: number, cells: Readonly<Record<number, string>>): string[] => {
  const message = blank(length);
  for (const [index, text] of Object.entries(cells)) message[Number(index)] = text;
  return message;
};

/** Of a share; `changes` by field number. */
export const equityMessage = (changes: Readonly<Record<number, string>> = {}): string[] =>
  fill(47, {
    0: '66',
    2: 'AB123456',
    6: '1',
    7: '16-11-2026',
    8: '10:41:24',
    11: '4',
    13: 'NSE',
    14: 'ITC',
    15: 'B',
    16: 'L',
    17: 'T',
    18: '30500',
    19: 'C',
    20: 'O',
    23: '20261116N300004321',
    24: '10',
    25: '10',
    ...changes,
  });

/** Of a contract, with prices in paise and 51 fields of which those from 38 on are shifted. */
export const derivativeMessage = (changes: Readonly<Record<number, string>> = {}): string[] =>
  fill(51, {
    0: '66',
    2: 'AB123456',
    6: '2',
    11: '6',
    13: 'NFO',
    14: 'NIFTY ',
    15: 'O',
    16: 'C',
    18: '2480000',
    19: '24-Nov-2026',
    21: 'B',
    22: 'L',
    23: 'T',
    24: '10125',
    25: 'E',
    26: '202611161400004321',
    27: '65',
    38: '202611161400009999',
    39: '0.000000',
    40: '10125',
    49: '\u0000',
    50: '\u0003',
    ...changes,
  });
