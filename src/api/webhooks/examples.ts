import type { FailureExample } from '../route';

/** A hook's public id and a token as they look; they open nothing. */
export const EXAMPLE_HOOK_ID = '00000000-0000-4000-8000-000000000000';
export const EXAMPLE_TOKEN = '0'.repeat(64);

const failure = (
  name: string,
  status: number,
  code: string,
  message: string,
  more: object = {},
): FailureExample => ({ name, status, body: { status: 'error', message, code, ...more } });

/** How a call of `POST /webhook/<id>` is turned away. */
export const alertFailures: readonly FailureExample[] = [
  failure('Unknown id or wrong token', 403, 'WEBHOOK_UNKNOWN', 'No webhook has this id and token.'),
  failure('Outside the settings', 403, 'WEBHOOK_SCOPE', 'symbol: this webhook may not trade it.', {
    field: 'symbol',
  }),
  failure('Paused', 403, 'WEBHOOK_PAUSED', 'This webhook is paused.'),
  failure('Called too often', 429, 'WEBHOOK_RATE', 'This webhook is called too often.', {
    retry_after: 1,
  }),
];

/** The bodies of a contract that knows only `error`, with or without `status`. */
export const contractFailures = (withStatus: boolean): readonly FailureExample[] => {
  const shaped = (name: string, status: number, error: string, more: object): FailureExample => ({
    name: `${name}${withStatus ? ' (ChartInk)' : ' (strategy)'}`,
    status,
    body: { ...(withStatus ? { status: 'error' } : {}), error, ...more },
  });
  return [
    shaped('Unknown URL', 404, 'Invalid webhook ID', {}),
    shaped('Called too often', 429, 'This webhook is called too often.', {
      code: 'WEBHOOK_RATE',
      retry_after: 1,
    }),
    shaped('Outside its times', 400, 'Entries of this strategy pass from 09:20 until 15:00 IST.', {
      // Its own status here: the contract has 400 where the table of codes has 403.
    }),
  ];
};
