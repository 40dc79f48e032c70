import type { OrderId } from '../../core/domain/ids';
import { epochMs, orderId } from '../../core/domain/ids';
import type { Intent } from '../../core/ports/ledger';
import type { ReceivedCall } from '../../core/ports/webhook-store';
import type { LedgerTables } from './tables';

/** How long after a call that heard no good answer the same bytes count as its repeat. */
const REPEAT_MS = 30_000;
const KEEP_MS = 7 * 86_400_000;

/**
 * The orders of an earlier call with the same bytes whose answer was a 5xx or never went out; null
 * when there is none: then these bytes mean a new order, because two equal alerts may both be meant.
 * `undecided` while the only such call may yet be answered by another process.
 * The call takes the place of the earlier one, so that each repeat stands for one call.
 */
export const repeatOf = (
  t: LedgerTables,
  call: ReceivedCall,
): readonly OrderId[] | 'undecided' | null => {
  const unanswered = t.file
    .all(
      t.sql
        .selectFrom('received_calls')
        .selectAll()
        .where('call_key', '=', call.callKey)
        .where('received_at', '>=', call.at - REPEAT_MS)
        .where((eb) => eb.or([eb('answered_status', 'is', null), eb('answered_status', '>=', 500)]))
        .orderBy('received_at'),
    )
    .map((row) => ({
      row,
      // A 5xx is an answer: nobody is at work on that call.
      open: row.answered_status === null && call.isOpen(row.call_id, epochMs(row.received_at)),
    }));
  const earlier = unanswered.find(({ open }) => open === false)?.row;
  if (earlier === undefined)
    return unanswered.some(({ open }) => open === 'maybe') ? 'undecided' : null;
  t.file.update(
    'received_calls',
    { call_id: call.callId, received_at: call.at, answered_status: null, answered_at: null },
    { call_id: earlier.call_id },
  );
  return earlier.order_ids.split(',').map(orderId);
};

/** Notes the call in the transaction that writes its orders. */
export const addReceived = (
  t: LedgerTables,
  call: ReceivedCall,
  intents: readonly Intent[],
): void => {
  t.file.run(t.sql.deleteFrom('received_calls').where('received_at', '<', call.at - KEEP_MS));
  t.file.insert('received_calls', {
    call_id: call.callId,
    call_key: call.callKey,
    source: intents[0]?.order.apiKeyId ?? '',
    received_at: call.at,
    order_ids: intents.map((intent) => intent.order.orderId).join(','),
    answered_status: null,
    answered_at: null,
  });
};
