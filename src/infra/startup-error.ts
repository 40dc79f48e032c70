import { errnoOf, isError, messageOf } from './errno';
import { redactText } from './redact';

/** A fault of start-up whose message is the one sentence that a person needs: what to do. */
export class StartupError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartupError';
  }
}

interface SystemFault {
  readonly path?: string;
  readonly port?: number;
  readonly address?: string;
}

/**
 * One sentence that says what is wrong and what to do, for anything that start-up may throw. A cause is
 * looked into when the error itself is not known. Never contains a stack trace.
 */
export const describeStartupFault = (error: unknown): string => {
  for (let fault: unknown = error, depth = 0; depth < 5; depth += 1) {
    const sentence = sentenceOf(fault);
    if (sentence !== null) return sentence;
    if (!isError(fault) || fault.cause === undefined) break;
    fault = fault.cause;
  }
  return `Toran could not start: ${redactText(messageOf(error).split('\n')[0] ?? '')}`;
};

const sentenceOf = (fault: unknown): string | null => {
  if (!isError(fault)) return null;
  if (fault.name === 'StartupError') return fault.message;
  const code = errnoOf(fault);
  // System errors of Node carry these fields; absent ones are handled.
  return code === null ? null : systemSentence(code, fault as SystemFault);
};

const systemSentence = (code: string, fault: SystemFault): string | null => {
  const where = fault.path ?? 'the data folder';
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${fault.port ?? '?'} is already in use: stop the program that uses it, or set TORAN_PORT to another port.`;
    case 'EADDRNOTAVAIL':
      return `This machine has no address ${fault.address ?? '?'}: set TORAN_HOST to one of its own, for example 127.0.0.1.`;
    case 'EACCES':
    case 'EPERM':
      if (fault.port !== undefined) {
        return `Port ${fault.port} may not be opened by this user: set TORAN_PORT to a port above 1023.`;
      }
      return `No permission for ${where}: give this user the right to write there, or set TORAN_DATA to another folder.`;
    case 'EROFS':
      return `${where} is on a read-only disk: set TORAN_DATA to a folder that can be written.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `No space is left for ${where}: free some, or set TORAN_DATA to a folder on another disk.`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `${where} is a file where a folder is needed: move it away, or set TORAN_DATA to another folder.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'A host name cannot be resolved: check TORAN_HOST and REDIS_URL.';
    case 'ECONNREFUSED':
      return `Nothing answers at ${fault.address ?? '?'}:${fault.port ?? '?'}: start Redis there, or remove REDIS_URL to let Toran run its own.`;
    default:
      return null;
  }
};
