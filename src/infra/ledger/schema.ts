import { sql } from 'kysely';
import type { BaseState, PendingCommand } from '../../core/domain/order-state';
import type { CommandKind, CommandState } from '../../core/domain/command';
import type { OrderType, Product, Side, TimeInForce } from '../../core/domain/order';
import type { HookKind, SquareOffRow } from '../../core/ports/webhook-store';
import type { StoredCredential } from '../../core/ports/vault';
import type { MasterKeyKind } from '../vault/master-key';

/** Orders that are not finished. Word for word the condition of the index orders_open, which serves only then. */
export const ORDER_OPEN = sql<boolean>`base_state NOT IN ('filled', 'canceled', 'rejected', 'denied', 'expired')`;
/** Commands whose end is not known. Word for word the condition of the index commands_open. */
export const COMMAND_OPEN = sql<boolean>`state IN ('queued', 'held', 'submitted', 'in_doubt')`;

/** The tables as the query builder types them; migrations.ts creates them. Times are epoch ms. */
export interface OrderRow {
  order_id: string;
  account_id: string;
  origin: 'toran' | 'foreign';
  exchange: string;
  symbol: string;
  side: Side;
  product: Product;
  time_in_force: TimeInForce;
  order_type: OrderType;
  quantity: number;
  disclosed_quantity: number;
  limit_price: string | null;
  trigger_price: string | null;
  base_state: BaseState;
  pending: PendingCommand;
  filled_quantity: number;
  average_price: string | null;
  broker_order_id: string | null;
  exchange_order_id: string | null;
  client_tag: string | null;
  client_order_id: string | null;
  strategy: string;
  api_key_id: string | null;
  reason_code: string | null;
  reason: string | null;
  in_doubt_since: number | null;
  is_exit: number;
  batch_id: string | null;
  leg: number | null;
  target_position: number | null;
  flat_quantity: number | null;
  practice: number;
  correlation_id: string;
  created_at: number;
  updated_at: number;
}
export interface CommandRow {
  order_id: string;
  n: number;
  account_id: string;
  kind: CommandKind;
  lane: 'urgent' | 'normal';
  state: CommandState;
  change: string | null;
  attempt: number;
  deadline_at: number;
  submitted_at: number | null;
  send_by: number | null;
  answered_at: number | null;
  settled_at: number | null;
  /** JSON list of the broker's order ids read just before the send; only where tags may not come back. */
  book_before: string | null;
  reason_code: string | null;
  reason: string | null;
  correlation_id: string;
  created_at: number;
}
export interface EventRow {
  seq: number;
  order_id: string;
  n: number | null;
  at: number;
  kind: string;
  detail: string;
}
export interface FillRow {
  account_id: string;
  trade_id: string;
  order_id: string;
  broker_order_id: string;
  quantity: number;
  price: string;
  filled_at: number;
}
export interface PositionRow {
  account_id: string;
  exchange: string;
  symbol: string;
  product: Product;
  quantity: number;
  average_price: string;
  as_of: number;
}
export interface PositionDayRow {
  account_id: string;
  day: string;
  taken_at: number;
}
export interface BaselineRow {
  account_id: string;
  day: string;
  exchange: string;
  symbol: string;
  product: Product;
  quantity: number;
}
/** Signed sum of a day's fills. */
export type DayNetRow = BaselineRow;
export interface IdempotencyRow {
  api_key_id: string;
  client_order_id: string;
  request_hash: string;
  order_ids: string;
  created_at: number;
}
export interface AccountRow {
  account_id: string;
  broker: string;
  login: string;
  label: string;
  is_default: number;
  stopped_reason: string | null;
  live: number;
  twin_of: string | null;
  created_at: number;
}
/** Settings of the whole instance that a person changes while it runs. */
export interface SettingRow {
  name: 'analyzing';
  value: string;
}
export interface ApiKeyTableRow {
  key_id: string;
  label: string;
  hash: string;
  scopes: string;
  rate_per_second: number;
  created_at: number;
  revoked_at: number | null;
}
export interface AuditRow {
  seq: number;
  at: number;
  actor: string;
  action: string;
  detail: string;
}
export interface CallRow {
  call_id: string;
  account_id: string;
  call_class: 'order' | 'query';
  at: number;
}
export interface WebhookRow {
  hook_id: string;
  label: string;
  kind: HookKind;
  account_id: string;
  active: number;
  settings: string;
  created_at: number;
  removed_at: number | null;
}
export interface WebhookTokenRow {
  token_id: string;
  hook_id: string;
  hash: string;
  created_at: number;
  expires_at: number | null;
}
export interface ReceivedCallRow {
  call_id: string;
  call_key: string;
  source: string;
  received_at: number;
  order_ids: string;
  answered_status: number | null;
  answered_at: number | null;
}
export interface SquareOffTableRow {
  hook_id: string;
  day: string;
  state: SquareOffRow['state'];
  attempts: number;
  at: number;
}
export interface VaultRow {
  id: number;
  master_key_id: string;
  kind: MasterKeyKind;
  scrypt: string | null;
  key_check: string;
  public_key: string;
  wrapped_private_key: string;
  founded_at: number;
  rotated_at: number | null;
}
export interface DataKeyRow {
  account_id: string;
  key_id: string;
  wrapped: string;
  master_key_id: string;
  created_at: number;
}
export interface CredentialRow {
  account_id: string;
  field: string;
  secrecy: StoredCredential['secrecy'];
  sealed: string;
  key_id: string;
  updated_at: number;
}
export interface CredentialRevisionRow {
  account_id: string;
  revision: number;
}
export interface SessionTokenRow {
  account_id: string;
  sealed: string;
  expires_at: number;
  identity: string;
  started_at: number;
  died_at: number | null;
  died_words: string | null;
}

export interface Tables {
  orders: OrderRow;
  commands: CommandRow;
  order_events: EventRow;
  fills: FillRow;
  positions: PositionRow;
  position_days: PositionDayRow;
  position_baselines: BaselineRow;
  day_nets: DayNetRow;
  idempotency: IdempotencyRow;
  accounts: AccountRow;
  api_keys: ApiKeyTableRow;
  audit: AuditRow;
  calls: CallRow;
  settings: SettingRow;
  webhooks: WebhookRow;
  webhook_tokens: WebhookTokenRow;
  received_calls: ReceivedCallRow;
  webhook_square_offs: SquareOffTableRow;
  vault: VaultRow;
  data_keys: DataKeyRow;
  credentials: CredentialRow;
  credential_revisions: CredentialRevisionRow;
  session_tokens: SessionTokenRow;
}
