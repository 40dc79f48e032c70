import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AccountId } from '../core/domain/ids';
import type { OrderState } from '../core/domain/order-state';
import type { Metrics, Stage } from '../core/ports/metrics';

/** Seconds. Fine where an order normally is (milliseconds), coarse where it waits for a slot. */
const STAGE_BUCKETS = [
  0.0005, 0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.125, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
  120,
];

/** The metrics port over prom-client, with a registry of its own. */
export class PromMetrics implements Metrics {
  private readonly registry = new Registry();
  private readonly oldestByAccount = new Map<AccountId, number>();
  private readonly orders = new Counter({
    name: 'toran_orders_total',
    help: 'Orders that moved into a state.',
    labelNames: ['account', 'state'],
    registers: [this.registry],
  });
  private readonly commands = new Counter({
    name: 'toran_commands_total',
    help: 'Commands (place, modify, cancel) by how they ended.',
    labelNames: ['account', 'kind', 'outcome'],
    registers: [this.registry],
  });
  private readonly stages = new Histogram({
    name: 'toran_stage_seconds',
    help: 'Time an order spent in one stage of its way.',
    labelNames: ['account', 'stage'],
    buckets: STAGE_BUCKETS,
    registers: [this.registry],
  });
  private readonly doubtful = new Gauge({
    name: 'toran_orders_in_doubt',
    help: 'Orders that may or may not be at the broker.',
    labelNames: ['account'],
    registers: [this.registry],
  });
  private readonly oldest = new Gauge({
    name: 'toran_in_doubt_oldest_seconds',
    help: 'Age of the oldest order in doubt over all accounts; 0 when there is none.',
    registers: [this.registry],
  });
  private readonly buckets = new Gauge({
    name: 'toran_bucket_fill_ratio',
    help: 'How full a rate bucket is, from 0 to 1.',
    labelNames: ['account', 'rule'],
    registers: [this.registry],
  });
  private readonly calls = new Counter({
    name: 'toran_broker_calls_total',
    help: 'Calls to a broker by class and result.',
    labelNames: ['account', 'class', 'result'],
    registers: [this.registry],
  });
  private readonly webhookCalls = new Counter({
    name: 'toran_webhook_calls_total',
    help: 'Calls of webhooks by kind and result.',
    labelNames: ['kind', 'result'],
    registers: [this.registry],
  });
  private readonly alarms = new Counter({
    name: 'toran_alarms_total',
    help: 'Alarms raised.',
    labelNames: ['account', 'name'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  orderMoved(account: AccountId, state: OrderState): void {
    this.orders.inc({ account, state });
  }

  commandSettled(account: AccountId, kind: string, outcome: string): void {
    this.commands.inc({ account, kind, outcome });
  }

  stage(account: AccountId, stage: Stage, seconds: number): void {
    this.stages.observe({ account, stage }, seconds);
  }

  inDoubt(account: AccountId, count: number, oldestSeconds: number): void {
    this.doubtful.set({ account }, count);
    this.oldestByAccount.set(account, count === 0 ? 0 : oldestSeconds);
    this.oldest.set(Math.max(0, ...this.oldestByAccount.values()));
  }

  bucketFill(account: AccountId, rule: string, fraction: number): void {
    this.buckets.set({ account, rule }, fraction);
  }

  brokerCall(account: AccountId, callClass: string, result: string): void {
    this.calls.inc({ account, class: callClass, result });
  }

  alarm(account: AccountId, name: string): void {
    this.alarms.inc({ account, name });
  }

  webhookCall(kind: string, result: string): void {
    this.webhookCalls.inc({ kind, result });
  }

  /** Everything in the Prometheus text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  /** The Content-Type that belongs to `text()`. */
  get contentType(): string {
    return this.registry.contentType;
  }
}
