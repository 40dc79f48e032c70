import { z } from 'zod';

/** What a person enters for one account. */
export const credentialsSchema = z.strictObject({ apiKey: z.string().min(1) });
export type TemplateCredentials = z.infer<typeof credentialsSchema>;
