-- How the exchange with a partner goes, the comparison of both sides (对账), and the repair of what is
-- derived. Keys of a partner, as at the top of functions_exchange.lua:
--
--   health          hash of what only the process that exchanges knows
--   reconciled      hash: `day` last compared at night, `until` when somebody else may try, or 'done'
--   reconciliations list of reports, newest first

local reports_max = 60
local health_fields_max = 20

-- KEYS 1 head; ARGV 1 data set, then field and value, and so on. Gives 1.
local function health_put(keys, args)
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  if #args < 3 or #args % 2 == 0 or #args > 1 + 2 * health_fields_max then
    return wrong('health_put')
  end
  redis.call('HSET', prefix .. 'health', unpack(args, 2))
  return 1
end

-- KEYS 1 head; ARGV 1 data set, 2 now, 3 day as yyyymmdd, 4 until when nobody else does it. Gives 1 to
-- who is to compare that day, 0 when it was done, somebody is at it, or a later day had its turn.
local function reconcile_claim(keys, args)
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  local now, day = whole(args[2] or ''), whole(args[3] or '')
  if #args ~= 4 or not now or not day or #args[3] ~= 8 or not whole(args[4]) then
    return wrong('reconcile_claim')
  end
  local key = prefix .. 'reconciled'
  local last = redis.call('HMGET', key, 'day', 'until')
  local last_day = whole(last[1] or '0')
  if not last_day then return corrupt('day of ' .. key) end
  if last_day > day then return 0 end
  if last_day == day then
    local free = whole(last[2] or '')
    if not free or free > now then return 0 end
  end
  redis.call('HSET', key, 'day', args[3], 'until', args[4])
  return 1
end

-- KEYS 1 head; ARGV 1 data set, 2 day that was claimed, '' = asked for by somebody, 3 when to try again,
-- 'done' = not, 4 and on reports. Gives 1.
local function reconcile_done(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  if #args < 3 or #args > 3 + reports_max or (args[2] ~= '' and not whole(args[2]))
    or (args[3] ~= 'done' and not whole(args[3])) then
    return wrong('reconcile_done')
  end
  local claim, reports = prefix .. 'reconciled', prefix .. 'reconciliations'
  call('LLEN', reports)
  if args[2] ~= '' and call('HGET', claim, 'day') == args[2] then
    call('HSET', claim, 'until', args[3])
  end
  for at = 4, #args do call('LPUSH', reports, args[at]) end
  call('LTRIM', reports, 0, reports_max - 1)
  call('HINCRBY', keys[1], 'commits', 1)
  return 1
end

-- KEYS 1 head; ARGV 1 data set, 2 now, 3 our number, 4 version of the event, 5 message. Tells the partner
-- once more what it was told, under the same id. Gives 1, or 0 when it waits anyway.
local function out_again(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  bad = bad or wrong_message(args)
  if bad then return bad end
  if #args ~= 5 or args[5] == '' then return wrong('out_again') end
  local no, version = args[3], args[4]
  local out = prefix .. 'out:' .. no
  look_at_messages(prefix, out)
  if call('ZSCORE', out .. ':order', version) then return 0 end
  call('HDEL', out, 'd:' .. version, 't:' .. version, 'f:' .. version)
  call('HSET', out, 'm:' .. version, args[5])
  call('ZADD', out .. ':order', version, version)
  call('ZADD', prefix .. 'sending', 'NX', args[2], no)
  call('ZADD', prefix .. 'unsent', args[2], no .. ':' .. version)
  call('HINCRBY', keys[1], 'commits', 1)
  return 1
end

-- KEYS 1 head; ARGV 1 data set, 2 their number, 3 our number or ''. Forgets what was told about a ticket
-- that has come to its end on both sides; the numbers stay. Gives how many fields went; 0 when something
-- waits.
local function partner_forget(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  if #args ~= 3 or not is_their_number(args[2]) or (args[3] ~= '' and not is_ticket_no(args[3])) then
    return wrong('partner_forget')
  end
  local ticket, out = prefix .. 'ticket:' .. args[2], prefix .. 'out:' .. args[3]
  if call('LLEN', prefix .. 'waiting:' .. args[2]) > 0 or call('ZCARD', out .. ':order') > 0 then
    return 0
  end
  local gone = 0
  for key, mark in pairs({[ticket] = '^i:', [out] = '^d:'}) do
    for _, field in ipairs(call('HKEYS', key)) do
      if string.find(field, mark) then gone = gone + call('HDEL', key, field) end
    end
  end
  if gone > 0 then call('HINCRBY', keys[1], 'commits', 1) end
  return gone
end

-- KEYS 1 head; ARGV 1 data set, 2 instant of a day. The pull goes back to where it stood when that civil
-- day began. Gives 1, or 0 when nothing was pulled since, or that is too long ago.
local function cursor_back(keys, args)
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  local at = whole(args[2] or '')
  if #args ~= 2 or not at then return wrong('cursor_back') end
  local cursors = prefix .. 'cursors'
  local wanted, first, oldest = math.floor((at + 28800000) / 86400000), nil, nil
  for _, field in ipairs(redis.call('HKEYS', cursors)) do
    local day = tonumber(field)
    -- On days without a move it stood where the next move began.
    if day >= wanted and (not first or day < first) then first = day end
    if not oldest or day < oldest then oldest = day end
  end
  if not first or wanted < oldest then return 0 end
  redis.call('HSET', keys[1], 'cursor', redis.call('HGET', cursors, first))
  redis.call('HINCRBY', keys[1], 'commits', 1)
  return 1
end

-- Puts a member into a sorted set or takes it out, unless `dry`; gives 1 where that is a change.
local function set_member(set, member, belongs, score, dry)
  local is_there = redis.call('ZSCORE', set, member) and true or false
  if is_there == belongs then return 0 end
  if not dry then
    if belongs then redis.call('ZADD', set, score, member) else redis.call('ZREM', set, member) end
  end
  return 1
end

-- What is derived from what a ticket of theirs has waiting.
local function mend_in(prefix, now, their, dry)
  local waits = redis.call('LLEN', prefix .. 'waiting:' .. their) > 0
  local known = redis.call('EXISTS', prefix .. 'ticket:' .. their) == 1
  return set_member(prefix .. 'due', their, waits, now, dry)
    + set_member(prefix .. 'unsettled', their, waits, now, dry)
    + set_member(prefix .. 'seen', their, known, now, dry)
end

-- What is derived from the messages of a ticket of ours. A dead letter in front may or may not leave
-- its ticket in `sending`: who takes it looks.
local function mend_out(prefix, now, no, dry)
  local call, changes = redis.call, 0
  local out, order = prefix .. 'out:' .. no, prefix .. 'out:' .. no .. ':order'
  local first
  for _, field in ipairs(call('HKEYS', out)) do
    local version = string.match(field, '^m:(%-?%d+)$')
    if version then
      changes = changes + set_member(order, version, true, version, dry)
        + set_member(prefix .. 'unsent', no .. ':' .. version, true, now, dry)
      if not first or tonumber(version) < tonumber(first) then first = version end
    end
  end
  if not first then return changes + set_member(prefix .. 'sending', no, false, now, dry) end
  if not call('ZSCORE', prefix .. 'dead', no .. ':' .. first) then
    changes = changes + set_member(prefix .. 'sending', no, true, now, dry)
  end
  return changes
end

-- A message in `unsent` or `dead` is one that waits.
local function mend_member(prefix, now, member, dry)
  local no, version = string.match(member, '^(.*):(%-?%d+)$')
  local waits = no and redis.call('HEXISTS', prefix .. 'out:' .. no, 'm:' .. version) == 1
  if waits then return 0 end
  return set_member(prefix .. 'unsent', member, false, now, dry)
    + set_member(prefix .. 'dead', member, false, now, dry)
end

local function mend_review(prefix, now, id, dry)
  local is_there = redis.call('HEXISTS', prefix .. 'reviews', id) == 1
  return set_member(prefix .. 'reviews:at', id, is_there, now, dry)
end

local function mend_fetch(prefix, now, id, dry)
  local is_there = redis.call('HEXISTS', prefix .. 'fetches', 'o:' .. id) == 1
  return set_member(prefix .. 'fetches:due', id, is_there, now, dry)
end

local menders = {
  in_ = mend_in, out = mend_out, member = mend_member, review = mend_review, fetch = mend_fetch,
}

-- KEYS 1 head; ARGV 1 data set, 2 now, 3 what: 'in_' ticket of theirs, 'out' ticket of ours, 'member'
-- message, 'review', 'fetch' files of theirs; 4 its name; 5 '1' = only look. Gives how many entries of derived sets were wrong.
local function partner_mend(keys, args)
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  local mender = menders[args[3] or '']
  if #args ~= 5 or not whole(args[2]) or not mender or args[4] == '' then
    return wrong('partner_mend')
  end
  return mender(prefix, args[2], args[4], args[5] == '1')
end

redis.register_function('partner_mend', partner_mend)
redis.register_function{
  function_name = 'partner_forget', callback = partner_forget, flags = {'allow-oom'}}
redis.register_function('cursor_back', cursor_back)
redis.register_function('health_put', health_put)
redis.register_function('reconcile_claim', reconcile_claim)
redis.register_function('reconcile_done', reconcile_done)
redis.register_function('out_again', out_again)
