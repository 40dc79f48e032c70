import { decimal } from '../../core/domain/decimal';

// Figures as of 2026-11-20. Real margins are set every day by exchange and broker and differ between
// contracts; nothing here predicts them. docs/paper-broker.md explains each.

/** Shares of the value that opening a position blocks. */
export const SHARE_RATES = {
  /** Paid in full. Source: the leverage table of the OpenAlgo sandbox, 1x. */
  DELIVERY: decimal('1'),
  /** Source: the same table, 5x; it is also what the peak margin rule leaves of intraday leverage. */
  INTRADAY: decimal('0.2'),
  /** Not offered for shares; paid in full if it ever came. */
  CARRY_FORWARD: decimal('1'),
} as const;

/** Of the contract's value. Source: the same table, 10x, split as span and exposure are at an index. */
export const FUTURE_RATES = { span: decimal('0.08'), exposure: decimal('0.02') } as const;

/**
 * A sold option, of the underlying's value: `scan` less what the strike is out of the money, `floor` at least,
 * and `exposure` on top. Our choice: near what an exchange's calculator asks at the money in a quiet
 * market; the sandbox's table (the premium only) lets an account sell options without limit.
 */
export const SOLD_OPTION_RATES = {
  index: { scan: decimal('0.13'), floor: decimal('0.065'), exposure: decimal('0.02') },
  share: { scan: decimal('0.2'), floor: decimal('0.1'), exposure: decimal('0.035') },
} as const;
