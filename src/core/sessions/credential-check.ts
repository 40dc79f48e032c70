import { GatewayError } from '../domain/errors';
import type { CredentialField } from '../ports/broker';

/** No broker's secret is longer. */
const MAX_LENGTH = 1_024;
/** Shorter values stand in any sentence by chance. */
const LEAST_QUOTED = 4;

/** `message`, unless it repeats what was entered. */
const withoutValue = (message: string, value: string): string => {
  const quoted = [value, value.trim()].some(
    (text) => text.length >= LEAST_QUOTED && message.includes(text),
  );
  return quoted ? 'is not valid' : message;
};

const faultOrValue = (
  field: CredentialField,
  value: unknown,
): { readonly value: string } | { readonly fault: string } => {
  if (typeof value !== 'string') return { fault: 'must be a text' };
  if (value.trim() === '') return { fault: 'is empty' };
  if (value.length > MAX_LENGTH) return { fault: `is longer than ${MAX_LENGTH} characters` };
  // Half a surrogate or a NUL would come back as something else.
  if (/[\p{Surrogate}\0]/u.test(value)) return { fault: 'holds characters that no broker takes' };
  const parsed = field.schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  const said = parsed.error.issues[0]?.message ?? 'is not valid';
  return { fault: withoutValue(said, value) };
};

/**
 * What was entered as the fields' schemas read it, by field name.
 * @throws GatewayError VALIDATION that names each wrong field and never repeats what was entered, nor an unknown name, which may be a misplaced secret
 */
export const checkedCredentials = (
  fields: readonly CredentialField[],
  entered: Readonly<Record<string, unknown>>,
): ReadonlyMap<CredentialField, string> => {
  const names = fields.map((field) => field.name).join(', ');
  const given = Object.keys(entered);
  if (given.length === 0) throw new GatewayError('VALIDATION', `Give at least one of ${names}.`);
  if (given.some((name) => !fields.some((field) => field.name === name))) {
    throw new GatewayError('VALIDATION', `There is a field that is none of ${names}.`);
  }
  const checked = new Map<CredentialField, string>();
  const faults: string[] = [];
  let first: string | null = null;
  for (const field of fields) {
    if (!Object.hasOwn(entered, field.name)) continue;
    const read = faultOrValue(field, entered[field.name]);
    if ('value' in read) checked.set(field, read.value);
    else {
      first ??= field.name;
      faults.push(`${field.name}: ${read.fault}`);
    }
  }
  if (first !== null) throw new GatewayError('VALIDATION', faults.join('; '), { field: first });
  return checked;
};
