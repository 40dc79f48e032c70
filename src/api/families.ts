import type { ErrorFamily } from './route';

/** The error family of a path that no route owns. */
export const familyOf = (path: string): ErrorFamily =>
  path.startsWith('/api/admin') ? 'admin' : 'text';
