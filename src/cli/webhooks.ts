import type { Command } from 'commander';
import { settingsBody, settingsOf } from '../api/admin/webhook-settings';
import { parseWith } from '../api/route';
import { shownHook, shownSecret } from '../api/webhooks/shown';
import { GatewayError } from '../core/domain/errors';
import type { Account } from '../core/domain/account';
import type { EpochMs } from '../core/domain/ids';
import type { InstrumentLookup } from '../core/ports/broker';
import type { Hook, Hooks } from '../core/webhooks/hooks';
import { alertBody } from './alert-body';
import type { AlertOptions } from './alert-body';
import type { Row } from './render-table';

/** What the commands about webhooks need of the running command line. */
export interface WebhookSession {
  readonly hooks: Hooks;
  readonly instruments: InstrumentLookup;
  account(name: string): Promise<Account>;
  audit(action: string, detail: Readonly<Record<string, unknown>>): Promise<void>;
  readonly now: () => EpochMs;
}

interface Surroundings {
  readonly withWebhooks: (work: (session: WebhookSession) => Promise<void>) => Promise<void>;
  readonly print: (rows: readonly Row[]) => void;
  wantsJson(): boolean;
  say(text: string): void;
}

interface AddOptions {
  readonly kind: string;
  readonly label: string;
  readonly account: string;
  readonly symbols?: string;
  readonly products?: string;
  readonly actions?: string;
  readonly pricetypes?: string;
  readonly maxQuantity?: string;
  readonly smart?: boolean;
  readonly window?: string;
  readonly map?: readonly string[];
  readonly mode?: string;
  readonly intraday?: string;
  readonly addresses?: string;
  readonly signed?: boolean;
  readonly rate?: string;
}

const listOf = (text: string): readonly string[] => text.split(',').map((part) => part.trim());
/** A number as written; what is none is left for the schema to refuse. */
const numberOf = (text: string): unknown => (/^\d+$/.test(text) ? Number(text) : text);
const timesOf = (text: string, names: readonly string[]): object => {
  const times = text.split(/[-,]/).map((part) => part.trim());
  return Object.fromEntries(times.map((time, index) => [names[index] ?? `time ${index}`, time]));
};
/** `NSE:SBIN:MIS:10`. */
const mappingOf = (text: string): object => {
  const [exchange, symbol, product, quantity = '', ...more] = text.split(':');
  if (more.length > 0) {
    throw new GatewayError('VALIDATION', `--map: ${text} is not EXCHANGE:SYMBOL:PRODUCT:QUANTITY`);
  }
  return { exchange, symbol, product, quantity: numberOf(quantity) };
};

/** The options as the admin API would be told; it decides which belong to the kind. */
const bodyOf = (options: AddOptions): object => ({
  kind: options.kind,
  ...(options.kind === 'alert' ? { smart: options.smart === true } : {}),
  ...(options.kind !== 'alert' && options.smart === true ? { smart: true } : {}),
  ...(options.symbols === undefined
    ? {}
    : { symbols: options.symbols === 'any' ? 'any' : listOf(options.symbols) }),
  ...(options.map === undefined ? {} : { symbols: options.map.map(mappingOf) }),
  ...(options.products === undefined ? {} : { products: listOf(options.products) }),
  ...(options.actions === undefined ? {} : { actions: listOf(options.actions) }),
  ...(options.pricetypes === undefined ? {} : { pricetypes: listOf(options.pricetypes) }),
  ...(options.maxQuantity === undefined ? {} : { max_quantity: numberOf(options.maxQuantity) }),
  ...(options.window === undefined ? {} : { window: timesOf(options.window, ['from', 'until']) }),
  ...(options.mode === undefined ? {} : { trading_mode: options.mode }),
  ...(options.intraday === undefined
    ? {}
    : { intraday: timesOf(options.intraday, ['start', 'end', 'square_off']) }),
  ...(options.addresses === undefined ? {} : { addresses: listOf(options.addresses) }),
  ...(options.signed === true ? { signed: true } : {}),
  ...(options.rate === undefined ? {} : { rate_per_minute: numberOf(options.rate) }),
});

const rowOf = (hook: Hook, now: EpochMs): Row => ({
  id: hook.hookId,
  label: hook.label,
  kind: hook.kind,
  account: hook.accountId,
  paused: hook.active ? '' : 'yes',
  tokens: hook.tokens
    .filter((token) => token.expiresAt === null || token.expiresAt > now)
    .map((token) =>
      token.expiresAt === null
        ? token.tokenId
        : `${token.tokenId} until ${new Date(token.expiresAt).toISOString()}`,
    )
    .join(', '),
});

/** The hook of that id or label. @throws GatewayError WEBHOOK_NOT_FOUND */
const named = async (hooks: Hooks, name: string): Promise<Hook> => {
  const found = (await hooks.list()).find((hook) => hook.hookId === name || hook.label === name);
  return found ?? hooks.find(name);
};

/** Adds `toran webhooks …` and `toran alert`. */
export const addWebhookCommands = (program: Command, around: Surroundings): void => {
  const { withWebhooks, print } = around;
  const webhooks = program
    .command('webhooks')
    .description('webhooks: who may send alerts, and what');
  webhooks
    .command('list', { isDefault: true })
    .description('all webhooks and their live tokens; the text of a token is not stored')
    .action(() =>
      withWebhooks(async ({ hooks, now }) => {
        const all = await hooks.list();
        if (around.wantsJson()) {
          around.say(
            JSON.stringify(
              all.map((hook) => shownHook(hook, now())),
              null,
              2,
            ),
          );
        } else {
          print(all.map((hook) => rowOf(hook, now())));
        }
      }),
    );
  webhooks
    .command('add')
    .description('makes a webhook and prints its secret once')
    .requiredOption('--kind <kind>', 'alert (a token in the body), strategy or chartink')
    .requiredOption('--label <text>', 'how you call it; also the strategy of its orders')
    .requiredOption('--account <name>', 'the account that it trades')
    .option('--symbols <list>', 'alert: NSE:SBIN,NSE:INFY … or any')
    .option('--products <list>', 'alert: MIS, CNC, NRML')
    .option('--actions <list>', 'alert: BUY, SELL')
    .option('--pricetypes <list>', 'alert: MARKET, LIMIT, SL, SL-M')
    .option('--max-quantity <n>', 'alert, strategy: the largest quantity or position_size')
    .option('--smart', 'alert: position_size may be sent')
    .option('--window <from-until>', 'alert: times of day in IST, for example 09:15-15:30')
    .option('--map <mapping...>', 'strategy, chartink: NSE:SBIN:MIS:10, one for each symbol')
    .option('--mode <mode>', 'strategy: LONG, SHORT or BOTH')
    .option(
      '--intraday <times>',
      'strategy, chartink: start, end and square-off, 09:20,15:00,15:15',
    )
    .option('--addresses <list>', 'addresses, networks or tradingview; any when absent')
    .option('--signed', 'refuse calls without a signature')
    .option('--rate <n>', 'calls a minute')
    .action((options: AddOptions) =>
      withWebhooks(async (session) => {
        const account = await session.account(options.account);
        const settings = settingsOf(parseWith(settingsBody, bodyOf(options)), session.instruments);
        const { hook, secret } = await session.hooks.add(
          options.label,
          account.accountId,
          settings,
        );
        await session.audit('webhook.add', { webhook: hook.hookId, label: hook.label });
        print([{ id: hook.hookId, ...texts(shownSecret(hook, secret)) }]);
      }),
    );
  webhooks
    .command('rotate <id>')
    .description('makes a new secret; the old one works a while longer')
    .option('--overlap <minutes>', 'how long; 0 ends the old one now', '60')
    .action((id: string, options: { overlap: string }) =>
      withWebhooks(async (session) => {
        const minutes = numberOf(options.overlap);
        if (typeof minutes !== 'number' || minutes > 10_080) {
          throw new GatewayError('VALIDATION', '--overlap: must be minutes from 0 to 10080');
        }
        const hook = await named(session.hooks, id);
        const secret = await session.hooks.rotate(hook.hookId, minutes);
        await session.audit('webhook.rotate', { webhook: hook.hookId, overlapMinutes: minutes });
        print([{ id: hook.hookId, ...texts(shownSecret(hook, secret)) }]);
      }),
    );
  webhooks
    .command('revoke <id> <token-id>')
    .description('ends one token now')
    .action((id: string, tokenId: string) =>
      withWebhooks(async (session) => {
        const hook = await named(session.hooks, id);
        await session.hooks.endToken(hook.hookId, tokenId);
        await session.audit('webhook.revoke', { webhook: hook.hookId, tokenId });
        print([{ id: hook.hookId, token: tokenId, revoked: true }]);
      }),
    );
  for (const [verb, active] of [
    ['pause', false],
    ['resume', true],
  ] as const) {
    webhooks
      .command(`${verb} <id>`)
      .description(active ? 'takes calls again' : 'refuses calls; square-offs still happen')
      .action((id: string) =>
        withWebhooks(async (session) => {
          const hook = await named(session.hooks, id);
          await session.hooks.setActive(hook.hookId, active);
          await session.audit(`webhook.${verb}`, { webhook: hook.hookId });
          print([{ id: hook.hookId, paused: !active }]);
        }),
      );
  }
  webhooks
    .command('remove <id>')
    .description('ends a webhook for good; nothing is squared off for it any more')
    .action((id: string) =>
      withWebhooks(async (session) => {
        const hook = await named(session.hooks, id);
        await session.hooks.remove(hook.hookId);
        await session.audit('webhook.remove', { webhook: hook.hookId });
        print([{ id: hook.hookId, removed: true }]);
      }),
    );

  program
    .command('alert')
    .description('the message to paste into a TradingView alert, checked against its webhook')
    .requiredOption('--hook <id>', 'id or label of the webhook')
    .requiredOption('--symbol <symbol>', 'for example SBIN')
    .option('--exchange <exchange>', 'for example NSE; alert webhooks need it')
    .option('--product <product>', 'MIS, CNC or NRML; alert webhooks need it')
    .option('--action <action>', 'BUY or SELL; absent: what the strategy orders')
    .option('--quantity <n>', 'absent: what the strategy orders')
    .option('--smart', 'bring the position to what the strategy holds')
    .option(
      '--id <text>',
      'client_order_id with placeholders; at most 64 characters once filled in',
    )
    .action((options: AlertOptions & { readonly hook: string }) =>
      withWebhooks(async ({ hooks }) => {
        const hook = await named(hooks, options.hook);
        const { path, body } = alertBody(hook, options);
        if (around.wantsJson()) {
          around.say(JSON.stringify({ path, body }, null, 2));
          return;
        }
        around.say(`Webhook URL: https://YOUR-HOST${path}`);
        around.say('Message:');
        around.say(JSON.stringify(body, null, 2));
        if (hook.kind === 'alert') {
          around.say('Put the token that `toran webhooks add` or `rotate` showed in its place.');
        }
      }),
    );
};

const texts = (shown: Readonly<Record<string, unknown>>): Row =>
  Object.fromEntries(Object.entries(shown).map(([name, value]) => [name, String(value)]));
