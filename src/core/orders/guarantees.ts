import type { OrderState } from '../domain/order-state';

/** One promise about an order, and the tests that would fail if it were broken. */
export interface Guarantee {
  readonly id: string;
  readonly text: string;
  /** `name` is a part of the test's own name or of the group that it stands in. */
  readonly tests: readonly { readonly file: string; readonly name: string }[];
}

const test = (file: string, ...names: readonly string[]): Guarantee['tests'] =>
  names.map((name) => ({ file: `test/${file}.test.ts`, name }));

/** The promises of docs/order-life.md, whose table is made from this list. */
export const GUARANTEES: readonly Guarantee[] = [
  {
    id: 'disk-before-answer',
    text: 'An accepted order is synced to disk before its caller gets an answer.',
    tests: test('integration/strace', 'sync the ledger between request and answer'),
  },
  {
    id: 'disk-before-send',
    text: '`submitted` is synced to disk before the first byte goes to the broker.',
    tests: test('integration/strace', 'between `submitted` and the first byte to the broker'),
  },
  {
    id: 'one-sender',
    text: 'One place in the code sends commands to brokers.',
    tests: test('core/one-sender', 'sends place, modify and cancel to a broker in one place each'),
  },
  {
    id: 'one-winner',
    text: 'Of all processes and all repeats of a job, one wins the right to send an attempt.',
    tests: [
      ...test(
        'infra/ledger/dispatch',
        'has one winner among two connections and many repeats',
        'has one winner per order when two threads claim the same orders at once',
      ),
      ...test('integration/orders', 'send each of fifty orders exactly once'),
    ],
  },
  {
    id: 'unknown-never-resent',
    text: 'A placement whose fate is unknown is never sent again; it is looked for in the book.',
    tests: [
      ...test('infra/ledger/dispatch', 'is not sent again after an unknown end, whatever comes'),
      ...test('integration/doubt', 'is found by its tag and never doubled'),
    ],
  },
  {
    id: 'killed-mid-order',
    text: 'A process that is killed in the middle of an order leaves neither a second placement nor a lost order: the next one sends it, finds it or proves it absent.',
    tests: [
      ...test('cli/drill', 'shows both kills with their proof'),
      ...test('integration/orders', 'is sent after a restart, once'),
    ],
  },
  {
    id: 'absence-proven',
    text: 'Absence is concluded only from several spaced reads that began after the last instant at which the order could have arrived.',
    tests: test(
      'integration/doubt',
      'is denied only after several reads that begin late enough',
      'is found when the broker acts on it late',
    ),
  },
  {
    id: 'failed-read-proves-nothing',
    text: 'A read that fails proves nothing: the order stays in doubt.',
    tests: test('integration/doubt', 'stays in doubt while the book cannot be read'),
  },
  {
    id: 'late-truth',
    text: 'A late acceptance of an order that was thought absent is believed; a late refusal of a finished one is not.',
    tests: test(
      'infra/ledger/dispatch',
      'believes a late acceptance of an order that was thought absent',
      'believes no late refusal or not-sent of an order that was ended',
    ),
  },
  {
    id: 'doubt-is-success',
    text: 'An order in doubt answers HTTP 200 and says not to send it again.',
    tests: test('api/order-calls', 'answers an order in doubt with 200 and says not to resend'),
  },
  {
    id: 'same-key-same-order',
    text: 'The same client order id with the same order is the same order; with another order it is refused.',
    tests: [
      ...test(
        'integration/orders',
        'is the same order again for the same client order id, also when both come at once',
      ),
      ...test('infra/ledger/accept', 'conflicts when the key comes with another request'),
    ],
  },
  {
    id: 'never-late',
    text: 'An order that waited past its deadline is expired and reported, never sent.',
    tests: [
      ...test('integration/orders', 'expires at its deadline and is never sent'),
      ...test('infra/ledger/dispatch', 'fails from the deadline on'),
    ],
  },
  {
    id: 'paused-sender',
    text: 'A sender that was paused writes nothing to the broker after its last instant to send.',
    tests: test(
      'infra/undici-http',
      'writes nothing after sendBy',
      'looks at sendBy when the connection stands, not when the call began',
    ),
  },
  {
    id: 'slot-fresh',
    text: 'A call that could not begin within its slot (a paused process, a slow connection) takes a new one first.',
    tests: [
      ...test(
        'core/slots',
        'takes its slot again, under the same name, after the process stood still',
        'is begun again when the connection took longer than the slot',
        'goes back to the queue when no slot comes before the last instant to send',
        'moves its drop and begins again when the connection took longer than the slot',
        'takes a new slot, under the same name, after the process stood still',
      ),
      ...test('infra/redis-bucket', 'leaves its drop where it was when there is no room for it'),
    ],
  },
  {
    id: 'history-kept',
    text: "Nothing rewrites or deletes a line of an order's history or of the audit log.",
    tests: test('infra/ledger/file', 'lets nobody rewrite or delete a line of'),
  },
  {
    id: 'queued-cancel',
    text: 'Cancelling a queued order is one step and no call to the broker.',
    tests: [
      ...test('integration/orders', 'is cancelled without a call'),
      ...test('infra/ledger/accept', 'is cancelled in one step, and can no longer be claimed'),
    ],
  },
  {
    id: 'cancel-remembered',
    text: 'A cancel of an order in doubt is remembered and sent once the order is found.',
    tests: test('integration/doubt', 'is remembered while the place is in doubt'),
  },
  {
    id: 'cancel-effect',
    text: 'A cancel is done when the book shows it, whatever the answer said; one that did nothing goes again, a few times at most.',
    tests: [
      ...test('integration/doubt', 'goes again when the broker said yes and did nothing'),
      ...test('infra/ledger/reconcile', 'is refused after four attempts that did nothing'),
    ],
  },
  {
    id: 'redis-is-no-truth',
    text: 'Losing everything in Redis loses no order and exceeds no limit.',
    tests: [
      ...test(
        'integration/orders',
        'is not lost when Redis loses everything, and no limit is exceeded',
      ),
      ...test('infra/redis-bucket', 'has its buckets filled from the ledger before the next call'),
      ...test('infra/redis-queue', 'holds no text of an order, only the pointer'),
    ],
  },
  {
    id: 'within-limits',
    text: 'No rolling window ever holds more calls than its rule allows, over all processes; exits and cancels have a reserve.',
    tests: test(
      'infra/redis-bucket',
      'never lets a rolling window hold more than its limit',
      'is shared by all processes',
      'keeps a reserve that entries cannot use',
    ),
  },
  {
    id: 'cancel-first',
    text: 'A cancel does not wait behind entries.',
    tests: test(
      'infra/redis-queue',
      'lets a cancel leave next while three hundred entries wait for a slot',
    ),
  },
  {
    id: 'order-of-evidence',
    text: 'Duplicated or reordered evidence ends in the same state; a finished order stays finished, but for a proven fill and a denied order that is found.',
    tests: [
      ...test(
        'core/order-state',
        'keeps a finished order finished, but for a proven fill and a denied order that is found',
        'lets the answer to the place call come at any moment of the evidence',
      ),
      ...test('infra/ledger/reconcile', 'changes nothing when the same reading comes again'),
    ],
  },
  {
    id: 'fills-proven',
    text: 'The word "filled" without the quantity is not believed, and each trade counts once.',
    tests: test(
      'infra/ledger/reconcile',
      'do not take the word "filled" for it without the quantity',
      'count each trade once and work out the exact average',
    ),
  },
  {
    id: 'foreign-orders',
    text: 'Orders placed elsewhere are shown with an id of ours and can be cancelled like any other.',
    tests: test(
      'infra/ledger/reconcile',
      'gets an id of ours, its state and its fills',
      'can be cancelled like any other',
    ),
  },
  {
    id: 'lost-tags',
    text: 'Where a broker loses tags, a doubtful order takes a row only when exactly one can be it; otherwise it stays in doubt.',
    tests: test(
      'infra/ledger/reconcile',
      'has the only row that can be it adopted once the send is long over',
      'leaves an order in doubt when no row or two rows could be it',
    ),
  },
  {
    id: 'person-decides',
    text: 'A person settles what no read can; the word is audited.',
    tests: test(
      'infra/ledger/resolve',
      'binds it to an order at the broker, with a line in the audit',
      'ends it as never placed, with the reason',
    ),
  },
  {
    id: 'doubt-alarm',
    text: 'An order that is in doubt for ten seconds raises an alarm, once.',
    tests: test(
      'integration/alarms',
      'raises an alarm for each order that is in doubt for ten seconds, once',
    ),
  },
  {
    id: 'exit-expired-alarm',
    text: 'An exit or a cancel that expires unsent raises an alarm, whichever part finds it overdue.',
    tests: test(
      'integration/alarms',
      'says when the sweeper expires %s unsent',
      'says so too when the queue is the first to find the exit overdue',
    ),
  },
  {
    id: 'first-look',
    text: 'After a start entries wait until the books were compared once; cancels and exits go.',
    tests: test(
      'integration/alarms',
      'holds entries back until the books were compared once; cancels and exits go',
    ),
  },
  {
    id: 'mismatch-stops-entries',
    text: 'A net at the broker that the fills do not explain stops entries with the reason shown; exits and cancels go. Starting the account again takes the word of the broker.',
    tests: test(
      'integration/alarms',
      'stops entries when the broker shows a net that the fills do not explain',
      'takes the word of the broker for the net when a person starts the account again',
    ),
  },
  {
    id: 'exits-only-reduce',
    text: 'All exits of a position together never turn it round.',
    tests: test('core/exit', 'never lets all exits together turn the position round'),
  },
  {
    id: 'stopped-lets-exits-go',
    text: 'While entries are stopped, an order that reduces a position still goes; a larger one is refused as a whole.',
    tests: [
      ...test('core/intents', 'when it is %s, and is refused while entries are stopped'),
      ...test('core/intents', 'an order is an exit'),
    ],
  },
  {
    id: 'force-exit',
    text: '`force_exit` lets a person send the exit that an order in doubt hides; it is never larger than the position, and it is audited.',
    tests: [
      ...test(
        'integration/alarms',
        'lets a person force the exit that an order in doubt hides, and writes it to the audit',
      ),
      ...test('core/intents', 'is refused when it is %s'),
      ...test('api/order-calls', 'refuses force_exit %j rather than guess'),
    ],
  },
  {
    id: 'all-legs-or-none',
    text: 'The legs of one request are written all or none; a SELL leg that waits goes only once its BUY legs are accepted.',
    tests: test(
      'infra/ledger/accept',
      'is refused as a whole when the last word refuses one leg, and its key stays free',
      'waits while the BUY leg is queued, on the wire or in doubt',
    ),
  },
  {
    id: 'bad-input',
    text: 'Bad input is refused with a message that names the field; it never becomes an order.',
    tests: test(
      'api/bad-input',
      'is refused whatever one field holds, and the message names the field',
    ),
  },
  {
    id: 'no-session-no-order',
    text: 'An order for an account without a live session is refused at the door with the reason and the fix, and not stored.',
    tests: test(
      'integration/sessions',
      'has every kind of order refused at the door, with the reason and the fix',
    ),
  },
  {
    id: 'dead-token',
    text: 'A token that the broker called dead is given to no call again, in no process, whatever happens to Redis.',
    tests: test(
      'integration/tokens',
      'is never given again: at once here, soon elsewhere, not after a restart or a loss of Redis',
    ),
  },
  {
    id: 'own-login',
    text: 'A session of another login than the account’s own is refused and raises an alarm.',
    tests: test(
      'integration/sessions',
      'of another user is refused and raises an alarm; the session from before stays',
    ),
  },
];

/** What each state means and what the caller of a placement is answered in it, for docs/order-life.md. */
export const STATE_WORDS: Readonly<
  Record<OrderState, { readonly means: string; readonly answer: string }>
> = {
  queued: { means: 'on disk, waits for its turn; nothing was sent', answer: '200' },
  submitted: {
    means: 'about to be sent, or sent; the broker has not answered',
    answer: '200, with `in_doubt` once the answer is overdue or unreadable',
  },
  accepted: { means: 'the broker gave an id; the exchange may still refuse', answer: '200' },
  trigger_pending: { means: 'a stop order that waits for its trigger', answer: '200' },
  triggered: { means: 'the trigger was reached; works at the exchange', answer: '200' },
  partially_filled: { means: 'part of it is filled, the rest works', answer: '200' },
  pending_update: { means: 'works; a modify is on its way', answer: '200' },
  pending_cancel: { means: 'works; a cancel is on its way', answer: '200' },
  filled: { means: 'all of it is filled', answer: '200' },
  canceled: { means: 'withdrawn before it was sent, or cancelled at the broker', answer: '200' },
  rejected: { means: 'the broker or the exchange refused it', answer: '400 with the reason' },
  denied: {
    means: 'Toran ended it: never sent, or proven absent (`NOT_AT_BROKER`)',
    answer: '400 with the reason',
  },
  expired: {
    means: 'waited past its deadline unsent, or its day ended at the broker',
    answer: '400 when it never reached the broker, else 200',
  },
};
