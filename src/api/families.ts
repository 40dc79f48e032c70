import type { ErrorFamily } from './route';

/** The error family of a path that no route owns. */
export const familyOf = (path: string): ErrorFamily => {
  if (path.startsWith('/api/admin')) return 'admin';
  if (path.startsWith('/strategy/webhook/')) return 'strategy';
  return path.startsWith('/chartink/webhook/') ? 'chartink' : 'text';
};
