-- What is counted of the public channels (公众渠道): in the people shard, in one hash per span of time.
--
--   attempts:intake        sorted set: the spans there are, by when they are over
--   attempts:intake:<span> hash: <field> how many, `<field>/<token>` what was counted once

local counters_max = 8
local spans_at_once = 8

local function is_span(text)
  return text ~= nil and string.find(text, '^[a-z0-9-]+$') ~= nil and #text <= 40
end

local function is_counted(text)
  return text and text ~= '' and #text <= 200
end

-- Whether KEYS are the head, the spans and then counters, of which there are as many as `columns`
-- arguments each say, behind `first` others. Gives how many, or nothing and the error.
local function counters_of(keys, args, first, columns)
  local count = #keys - 2
  if count < 1 or count > counters_max or keys[1] ~= '{0000}:head'
    or keys[2] ~= '{0000}:attempts:intake' or #args ~= first + columns * count
    or #args[2] > 200 then
    return nil, wrong('counters')
  end
  for i = 1, count do
    if not is_span(string.match(keys[i + 2], '^{0000}:attempts:intake:(.+)$'))
      or not is_counted(args[first + 1 + columns * (i - 1)]) then
      return nil, wrong('counter ' .. i)
    end
  end
  local bad = wrong_people_head(keys[1], args[1])
  if bad then return nil, bad end
  return count
end

-- Spans that are over go, so that strangers cannot fill the memory for longer than one.
local function forget_spans(key, now)
  for _, span in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, spans_at_once)) do
    redis.call('UNLINK', key .. ':' .. span)
    redis.call('ZREM', key, span)
  end
end

-- KEYS 1 head, 2 spans, 3… counters
-- ARGV 1 data set, 2 token or '', 3 now, then per counter: field, most, end of its span
-- Counts one more in all of them, or in none where one has reached its most. What was counted under
-- a token is not counted again: a request that is repeated counts once. Gives {1}, or {2, place of
-- the counter that is full}.
local function intake_take(keys, args)
  local call = redis.call
  local count, bad = counters_of(keys, args, 3, 3)
  if not count then return bad end
  local token, now, known, full = args[2], whole(args[3]), true, 0
  if not now then return wrong('now') end
  for i = 1, count do
    local key, at = keys[i + 2], 1 + 3 * i
    local most, over = whole(args[at + 1]), whole(args[at + 2])
    if not most or most < 1 or not over or over <= now then return wrong('limit ' .. i) end
    local taken = whole(call('HGET', key, args[at]) or '0')
    if not taken then return corrupt('counter ' .. key) end
    if full == 0 and taken >= most then full = i end
    known = known and token ~= '' and call('HEXISTS', key, args[at] .. '/' .. token) == 1
  end
  call('ZCARD', keys[2])
  if known then return {1} end
  if full > 0 then return {2, full} end
  forget_spans(keys[2], args[3])
  for i = 1, count do
    local key, at = keys[i + 2], 1 + 3 * i
    call('ZADD', keys[2], args[at + 2], string.sub(key, #keys[2] + 2))
    call('HINCRBY', key, args[at], 1)
    if token ~= '' then call('HSET', key, args[at] .. '/' .. token, 1) end
  end
  return {1}
end

-- KEYS as for intake_take; ARGV 1 data set, 2 token or '', then one field per counter. Takes back
-- what was counted; with a token only if it was counted under it. Gives {1}.
local function intake_give_back(keys, args)
  local call = redis.call
  local count, bad = counters_of(keys, args, 2, 1)
  if not count then return bad end
  for i = 1, count do call('HEXISTS', keys[i + 2], args[2 + i]) end
  for i = 1, count do
    local key, field, token = keys[i + 2], args[2 + i], args[2]
    local counted = token == '' or call('HDEL', key, field .. '/' .. token) == 1
    if counted and (whole(call('HGET', key, field) or '0') or 0) > 0 then
      call('HINCRBY', key, field, -1)
    end
  end
  return {1}
end

redis.register_function('intake_take', intake_take)
redis.register_function('intake_give_back', intake_give_back)
