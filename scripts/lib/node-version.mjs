// Old syntax on purpose: this file must load in every Node that has modules.

/** What is wrong with the Node that starts the scripts, or null. */
export function startingNodeFault(version) {
  if (Number(version.replace('v', '').split('.')[0]) >= 20) return null;
  return (
    'Toran needs Node 20 or later to start and this is ' +
    version +
    ': install Node 24 from https://nodejs.org and run the command again.'
  );
}
