import type { Action } from '../chaos/run';
import type { Verdict } from '../chaos/judge';

/** A safeguard taken out of the sources, and the lives that must then go wrong. */
export interface Mutant {
  /** Name of the patch beside this file. */
  readonly name: string;
  /** The cells in which it shows, as for `--only`. */
  readonly only: string;
  readonly action: Action;
  readonly seed: number;
  readonly runs: number;
  /** What has to be found; another failure is not enough. */
  readonly verdict: Verdict;
}

/** Every safeguard whose absence the chaos runs have to notice. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'compare-and-set-removed',
    only: 'after-bucket/redis',
    action: 'take over',
    seed: 1,
    runs: 2,
    verdict: 'doubled',
  },
  {
    name: 'sweeper-removed',
    only: 'before-send/none',
    action: 'kill',
    seed: 1,
    runs: 2,
    verdict: 'unsettled',
  },
  {
    name: 'one-empty-read-believed',
    only: 'after-outcome/bad reads',
    action: 'kill',
    seed: 7,
    runs: 2,
    verdict: 'lost',
  },
  {
    name: 'unknown-treated-as-not-sent',
    only: 'after-outcome/bad reads',
    action: 'kill',
    seed: 7,
    runs: 2,
    verdict: 'doubled',
  },
  {
    name: 'send-by-ignored',
    only: 'before-send/none',
    action: 'take over',
    seed: 1,
    runs: 2,
    verdict: 'lost',
  },
];
