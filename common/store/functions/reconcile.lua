-- How the exchange with a partner goes, and the comparison of both sides (对账).

local reports_max = 60
local days_max = 100 -- remembered as compared
local health_fields_max = 20

-- ARGV 2… field and value, and so on. Gives 1.
partner_function('health_put', {'text', 'text?', '…'}, function(prefix, args)
  if #args % 2 == 0 or #args > 1 + 2 * health_fields_max then return wrong('health_put: fields') end
  redis.call('HSET', prefix .. 'health', unpack(args, 2))
  return 1
end)

-- ARGV 2 now, 3 day as yyyymmdd, 4 until when nobody else does it. Gives 1 to who is to compare that day,
-- 0 when it was done, somebody is at it, or a later day had its turn.
partner_function('reconcile_claim', {'whole', 'day', 'whole'}, function(prefix, now, day, till)
  local key = prefix .. 'reconciled'
  local last = redis.call('HMGET', key, 'day', 'until')
  local last_day = whole(last[1] or '0')
  if not last_day then return corrupt('day of ' .. key) end
  if last_day > whole(day) then return 0 end
  if last_day == whole(day) then
    local free = whole(last[2] or '')
    if not free or free > whole(now) then return 0 end
  end
  redis.call('HSET', key, 'day', day, 'until', till)
  return 1
end)

-- Only the latest days that were compared are remembered.
local function forget_days(key)
  local days = {}
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.match(field, '^%d%d%d%d%d%d%d%d$') then days[#days + 1] = field end
  end
  table.sort(days)
  for at = 1, #days - days_max do redis.call('HDEL', key, days[at]) end
end

-- ARGV 2 day, 3 when it was compared at night, 4 'open' = to be compared again, 'over' = both sides agreed
-- and all had ended. Gives 1.
partner_function('reconcile_day', {'day', 'whole', 'text'}, function(prefix, day, at, how)
  if how ~= 'open' and how ~= 'over' then return wrong('reconcile_day: open or over') end
  redis.call('HSET', prefix .. 'reconciled', day, at .. ':' .. how)
  forget_days(prefix .. 'reconciled')
  count_commit(prefix)
  return 1
end)

-- Gives fields and values: the days that were compared at night, and who has the night.
partner_function('reconcile_days', {}, function(prefix)
  return redis.call('HGETALL', prefix .. 'reconciled')
end)

-- ARGV 2 day that was claimed, '' = asked for by somebody, 3 when to try again, 'done' = not, 4 and on
-- reports. Gives 1.
partner_function('reconcile_done', {'day?', 'text', '…'}, function(prefix, args)
  local call, day, again = redis.call, args[2], args[3]
  if #args > 3 + reports_max or (again ~= 'done' and not whole(again)) then
    return wrong('reconcile_done: reports, or when to try again')
  end
  local claim, reports = prefix .. 'reconciled', prefix .. 'reconciliations'
  call('LLEN', reports)
  if day ~= '' and call('HGET', claim, 'day') == day then call('HSET', claim, 'until', again) end
  for at = 4, #args do call('LPUSH', reports, args[at]) end
  call('LTRIM', reports, 0, reports_max - 1)
  count_commit(prefix)
  return 1
end)
