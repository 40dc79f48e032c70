import type { GatewayOptions } from './gateway';
import { epochMs } from './core/domain/ids';
import { RecordedCatalogue } from './core/instruments/recorded-catalogue';
import { CandleReplay } from './core/market/candle-replay';
import { SimulatedMarket } from './core/market/simulated-market';
import type { Catalogue } from './core/ports/catalogue';
import type { Clock } from './core/ports/clock';
import type { MarketData } from './core/ports/market';
import { loadCandleSeries, parseCandleSource } from './infra/candle-files';
import { CatalogueKeeper } from './infra/catalogue/keeper';
import {
  practiceContent,
  readSeed,
  referencePrices,
  seedFreezeLimits,
} from './infra/seed-catalogue';
import { StartupError } from './infra/startup-error';
import { masterKinds } from './master-kinds';

/** Prices, and the instruments: those of the catalogue with the replayed ones over them. */
export const openMarket = async (
  options: Pick<GatewayOptions, 'config' | 'logger' | 'seedDirectory'>,
  clock: Clock,
  closers: (() => Promise<void> | void)[],
): Promise<{ readonly instruments: Catalogue; readonly market: MarketData }> => {
  const { config, logger } = options;
  const seed = readSeed(options.seedDirectory);
  const keeper = await CatalogueKeeper.open({
    dataDirectory: config.dataDirectory,
    clock,
    logger,
    masters: masterKinds(seedFreezeLimits(seed)),
    practice: (day) => practiceContent(seed, day),
  });
  closers.push(() => keeper.close());
  const { catalogue } = keeper;
  const series =
    config.market.kind === 'simulated'
      ? []
      : loadCandleSeries(config.market.files.map(parseCandleSource), seed.underlyings, (id) =>
          catalogue.find(id),
        );
  const recorded = series.map((one) => one.instrument);
  const instruments =
    recorded.length === 0 ? catalogue : new RecordedCatalogue(catalogue, recorded);
  if (config.market.kind === 'simulated') {
    const market = new SimulatedMarket(config.market.seed, clock, referencePrices(seed));
    return { instruments, market };
  }
  const start =
    config.market.startAt ?? Math.min(...series.map((one) => one.candles[0]?.at ?? Infinity));
  if (!Number.isFinite(start)) {
    throw new StartupError('TORAN_REPLAY_FILES holds no candles: name files that do.');
  }
  const { speed } = config.market;
  const market = new CandleReplay({
    series,
    speed,
    start: epochMs(start),
    anchor: clock.now(),
    clock,
  });
  return { instruments, market };
};
