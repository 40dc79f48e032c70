import { decimal, parseDecimal } from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';

/** A body of the broker's API: a flat object whose values may be text or numbers. */
export class Fields {
  readonly raw: Readonly<Record<string, unknown>>;

  constructor(raw: Readonly<Record<string, unknown>>) {
    this.raw = raw;
  }

  /** Null unless the bytes are a JSON object. */
  static parse(body: Buffer): Fields | null {
    try {
      const json: unknown = JSON.parse(body.toString('utf8'));
      return isObject(json) ? new Fields(json) : null;
    } catch {
      return null;
    }
  }

  /** Trimmed text; empty when absent, null or nested. */
  text(name: string): string {
    const value = this.raw[name];
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' ? value.trim() : '';
  }

  /** The same in lower case, for words. */
  word(name: string): string {
    return this.text(name).toLowerCase();
  }

  /** Null when it is absent or no plain decimal. */
  amount(name: string): Decimal | null {
    return parseDecimal(this.text(name));
  }

  /** Null when it is absent or no whole number above 0. */
  count(name: string): number | null {
    const text = this.text(name);
    return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
  }

  /** A day as YYYY-MM-DD, from ISO text (whose clock and zone mean nothing) or DD-Mon-YYYY. */
  day(name: string): string | null {
    return dayOf(this.text(name));
  }

  /** The objects of a list. */
  list(name: string): readonly Fields[] {
    const value = this.raw[name];
    return Array.isArray(value) ? value.filter(isObject).map((one) => new Fields(one)) : [];
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';

/** YYYY-MM-DD of ISO text or DD-Mon-YYYY; null when it is neither. */
export const dayOf = (text: string): string | null => {
  const iso = /^(\d{4}-\d{2}-\d{2})(T|$)/.exec(text)?.[1];
  if (iso !== undefined) return iso;
  const [, day = '', month = '', year = ''] = /^(\d{2})-([A-Za-z]{3})-(\d{4})$/.exec(text) ?? [];
  const index = MONTHS.indexOf(month.toLowerCase());
  if (day === '' || index < 0 || index % 3 !== 0) return null;
  return `${year}-${String(index / 3 + 1).padStart(2, '0')}-${day}`;
};

/** Whether two decimal texts mean the same number. */
export const sameNumber = (a: string, b: string): boolean =>
  parseDecimal(a) !== null && parseDecimal(b) !== null && decimal(a) === decimal(b);
