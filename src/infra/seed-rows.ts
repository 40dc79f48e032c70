import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isoDate } from '../core/domain/ids';
import { csvRecords } from '../core/instruments/csv';

/** A day `YYYY-MM-DD` that exists. */
export const seedDate = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'not a date YYYY-MM-DD')
  .refine((text) => !Number.isNaN(Date.parse(text)), 'no such day')
  .transform(isoDate);

/** The rows of one seed file. @throws Error that names `file:line` and the column of the first bad value. */
export const readRows = <T>(
  directory: string,
  name: string,
  schema: z.ZodType<T>,
): { readonly line: number; readonly row: T }[] =>
  csvRecords(readFileSync(join(directory, name), 'utf8'), name).map(({ line, record }) => {
    const parsed = schema.safeParse(record);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new Error(
        `${name}:${line}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'}`,
      );
    }
    return { line, row: parsed.data };
  });
