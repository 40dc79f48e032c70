/** Gives a plain `node` process of the TypeScript sources one broker more: the one with credentials. */
require('./swc-register.cjs');
const { brokerModules } = require('../../src/brokers/registry');
const { credentialBroker } = require('./credential-broker');

brokerModules.push(credentialBroker(process.env.TORAN_NEUTRAL_URL ?? 'http://127.0.0.1:1'));

// What a fault that nobody catches would print, with everything loaded and the vault open.
process.on('SIGUSR2', () => {
  throw new Error('thrown on purpose');
});
