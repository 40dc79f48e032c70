/** A fault whose message is the one sentence that says what to do. */
export class Fault extends Error {}

/** Runs a script; a fault becomes one sentence on standard error and exit code 1. */
export const runScript = async (main) => {
  try {
    const code = await main();
    if (code !== undefined) process.exitCode = code;
  } catch (error) {
    console.error(sentenceOf(error));
    process.exitCode = 1;
  }
};

/** What a person is told about `error`; never a stack trace. */
export const sentenceOf = (error) => {
  if (error instanceof Fault) return error.message;
  const where = error?.path ?? 'the folder of Toran';
  switch (error?.code) {
    case 'EROFS':
      return `${where} is on a read-only disk: run Toran from a folder that can be written.`;
    case 'EACCES':
    case 'EPERM':
      return `No permission for ${where}: give this user the right to write there.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `No space is left for ${where}: free some and run the command again.`;
    default:
      return `The command failed: ${String(error?.message ?? error).split('\n')[0]}`;
  }
};
