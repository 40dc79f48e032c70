import { epochMs } from '../../core/domain/ids';
import { istDate, istTimestamp } from '../../core/domain/time';
import type { SimulatedReply } from '../core/fault-server';
import type { Fields } from './fields';
import { longDate } from './instruments';
import type { IciciMarket } from './market';
import { failed, ok } from './reply';
import type { Sessions } from './sessions';
import type { Texts } from './texts';

/** GET customerdetails: the number of a login for the token of its session. */
export const customerDetails = (
  fields: Fields | null,
  sessions: Sessions,
  market: IciciMarket,
  texts: Texts,
): SimulatedReply => {
  if (fields === null) return failed(texts.invalidSession);
  const appKey = fields.text('AppKey');
  if (sessions.find(appKey) === null) return failed(texts.unknownKey);
  const session = sessions.exchange(appKey, fields.text('SessionToken'));
  if (session === 'unknown') return failed(texts.invalidSession);
  if (session === 'ended') return failed(texts.sessionEnded);
  const now = epochMs(market.now());
  const today = longDate(istDate(now));
  const open = (exchange: string, yes: string): string => (market.isOpen(exchange) ? yes : 'X');
  return ok({
    exg_trade_date: { NSE: today, BSE: today, FNO: today, NDX: today },
    exg_status: { NSE: open('NSE', 'O'), BSE: open('BSE', 'O'), FNO: open('NFO', 'Y'), NDX: 'X' },
    segments_allowed: { Trading: 'Y', Equity: 'Y', Derivatives: 'Y', Currency: 'Z' },
    idirect_userid: session.user.userId,
    session_token: session.token,
    idirect_user_name: session.user.name,
    idirect_ORD_TYP: 'N',
    idirect_lastlogin_time: istTimestamp(now),
    mf_holding_mode_popup_flg: 'N',
    commodity_exchange_status: 'Y',
    commodity_trade_date: today,
    commodity_allowed: 'O',
  });
};
