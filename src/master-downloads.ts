import path from 'node:path';
import type { Config } from './config';
import type { Account } from './core/domain/account';
import type { Bus } from './core/ports/bus';
import type { Metrics } from './core/ports/metrics';
import type { Accounts } from './core/sessions/accounts';
import { importInThread } from './infra/catalogue/import-in-thread';
import { MasterDownloads } from './infra/catalogue/master-downloads';
import type { MasterDownloadsOptions } from './infra/catalogue/master-downloads';
import { masterSources } from './master-kinds';

type Ports = Pick<
  MasterDownloadsOptions,
  'calendar' | 'http' | 'clock' | 'random' | 'logger' | 'leases'
>;
export interface MasterDownloadParts extends Ports {
  readonly config: Pick<Config, 'dataDirectory' | 'masters'>;
  /** Folder of the instrument seed. */
  readonly seedDirectory: string;
  readonly accounts: Accounts;
  readonly bus: Bus;
  readonly metrics: Metrics;
}

/** Fetches the masters of every broker that has an account here, or whose address was set. */
export const startMasterDownloads = (parts: MasterDownloadParts): MasterDownloads => {
  const { config, seedDirectory, accounts, bus, metrics, ...ports } = parts;
  const { time, urls } = config.masters;
  const program = path.join(__dirname, `import-thread${path.extname(__filename)}`);
  const ofBroker = async (broker: string): Promise<readonly Account[]> =>
    (await accounts.list()).filter((account) => account.broker === broker);
  const downloads = new MasterDownloads({
    ...ports,
    dataDirectory: config.dataDirectory,
    sources: masterSources(urls),
    wanted: async (broker) =>
      (urls[broker] ?? null) !== null || (await ofBroker(broker)).length > 0,
    time,
    importMaster: (request) => importInThread({ program, seedDirectory }, request),
    alarm: async (broker, text) => {
      for (const { accountId } of await ofBroker(broker)) {
        metrics.alarm(accountId, 'master-download');
        bus.publish({ kind: 'alarm', accountId, name: 'master-download', text });
      }
    },
  });
  downloads.start();
  return downloads;
};
