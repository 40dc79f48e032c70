/**
 * Takes one drop, or says how long until there is room. An earlier drop of the same call id
 * is moved; it stays where it was when there is no room.
 *
 * KEYS[1] marker: the buckets were filled from the ledger since Redis was last empty
 * KEYS[2] penalty: exists while the broker's "too fast" holds
 * KEYS[3..] one sorted set per rule: score = send time in ms of Redis's clock, member = call id
 * ARGV[1] call id
 * ARGV[2..] per rule: limit for this priority, window in ms with guard, or -1: since midnight IST
 *
 * Returns {-1} when not filled, {0, waitMs} when full, {1, drops of rule 1, drops of rule 2, ...}.
 */
export const TAKE_SCRIPT = `
if redis.call('EXISTS', KEYS[1]) == 0 then return {-1} end
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + tonumber(t[2]) / 1000
local wait = redis.call('PTTL', KEYS[2])
if wait < 0 then wait = 0 end
local rules = #KEYS - 2
local before = {}
for i = 1, rules do
  local key = KEYS[i + 2]
  before[i] = redis.call('ZSCORE', key, ARGV[1])
  if before[i] then redis.call('ZREM', key, ARGV[1]) end
  local limit = tonumber(ARGV[(i - 1) * 2 + 2])
  local window = tonumber(ARGV[(i - 1) * 2 + 3])
  local day = 86400000
  local since, room
  if window < 0 then
    since = math.floor((now + 19800000) / day) * day - 19800000
    redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('(%.3f', since))
  else
    redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.3f', now - window))
  end
  local count = redis.call('ZCARD', key)
  if count >= limit then
    if window < 0 then
      room = since + day
    else
      local oldest = redis.call('ZRANGE', key, count - limit, count - limit, 'WITHSCORES')
      room = tonumber(oldest[2]) + window
    end
    if room - now > wait then wait = room - now end
  end
end
if wait > 0 then
  for i = 1, rules do
    if before[i] then redis.call('ZADD', KEYS[i + 2], before[i], ARGV[1]) end
  end
  return {0, math.ceil(wait)}
end
local answer = {1}
for i = 1, rules do
  local key = KEYS[i + 2]
  local window = tonumber(ARGV[(i - 1) * 2 + 3])
  redis.call('ZADD', key, string.format('%.3f', now), ARGV[1])
  if window < 0 then window = 86400000 end
  redis.call('PEXPIRE', key, math.ceil(window) + 1000)
  answer[i + 1] = redis.call('ZCARD', key)
end
return answer
`;
