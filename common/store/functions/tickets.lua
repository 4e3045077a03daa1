#!lua name=hotline
-- schema 7
--
-- The only way a ticket changes. Raise the number above with every change of meaning or layout.
--
-- A Lua error after the first write does not undo that write. So every function looks at all of its
-- arguments and at the type of every key before it writes anything; what cannot be known beforehand
-- (a stream whose ids are used up) is the first write of all.
--
-- Errors begin with a code: HLARGUMENT the caller is wrong, HLCORRUPT what is stored does not check
-- out, HLDATASET this is not the data set the caller means. All of them: nothing was changed.

local events_max = 1000
local changes_max = 1000
local page_max = 1001
local commits_max = 9007199254740991 -- 2^53 - 1: Lua counts in doubles

-- Families of keys that are not sorted sets derived from tickets.
local reserved = {
  ticket = true, history = true, events = true, head = true, idem = true, dead = true, seal = true,
  absent = true,
  user = true, users = true, session = true, sessions = true, attempts = true, epoch = true,
  totp = true, audit = true, register = true,
}

local function wrong(text)
  return redis.error_reply('HLARGUMENT ' .. text)
end

local function corrupt(text)
  return redis.error_reply('HLCORRUPT ' .. text)
end

local function other_data_set(text)
  return redis.error_reply('HLDATASET ' .. text)
end

-- A whole number of at most 15 digits, so that a double holds it exactly; nil for anything else.
local function whole(text)
  if text and #text <= 15 and string.find(text, '^%d+$') then
    return tonumber(text)
  end
  return nil
end

-- Plain decimal notation only: no exponent, hexadecimal, infinity or NaN.
local function is_score(text)
  return #text <= 40 and string.find(text, '^%-?%d+%.?%d*$') ~= nil
end

local function is_ticket_no(text)
  return text and #text <= 23
    and string.find(text, '^%d%d%d%d%-%d%d%d%d%d%d%d%d%-%d%d%d%d%d+$') ~= nil
end

local function prefix_of(no)
  return '{' .. string.sub(no, 1, 4) .. '}:'
end

local function is_derived(key, prefix)
  if string.sub(key, 1, #prefix) ~= prefix then return false end
  local family = string.match(key, '^%l+', #prefix + 1)
  return family ~= nil and not reserved[family]
end

-- The records of all shards lie together: a key used for one ticket is used for all.
local function is_idempotency(key)
  return string.find(key, '^{0000}:idem:%d%d%d%d%d%d%d%d$') ~= nil
end

-- The version in the first twelve bytes of a ticket's value: 0 when there is none, nil when the
-- bytes are something else.
local function version_of(header)
  if header == '' then return 0 end
  local digits = string.match(header, '^T1(%d%d%d%d%d%d%d%d%d%d)$')
  return digits and tonumber(digits)
end

-- Names of lanes of the outbox, separated by a blank.
local function are_lanes(text)
  return text == '' or string.find(text, '^[%l ]+$') ~= nil
end

-- Whether the streams of these lanes can be added to: raises WRONGTYPE when one is something else.
local function require_streams(events_key, lanes)
  for lane in string.gmatch(lanes, '%l+') do redis.call('XLEN', events_key .. ':' .. lane) end
end

local function add_to_lanes(events_key, lanes, event)
  for lane in string.gmatch(lanes, '%l+') do
    redis.call('XADD', events_key .. ':' .. lane, '*', 'e', event)
  end
end

-- The first thing that is wrong with derived keys and their scores ('' = remove), or nil.
local function wrong_changes(keys, first_key, args, first_score, prefix)
  for i = first_key, #keys do
    if not is_derived(keys[i], prefix) then return 'key ' .. i .. ' is no derived set' end
    local score = args[first_score + i - first_key]
    if score ~= '' and not is_score(score) then return 'score of key ' .. i .. ' is no number' end
  end
  return nil
end

-- Raises WRONGTYPE unless every key from `first` on is a sorted set or absent. ZINTERCARD looks at the
-- type of all its keys before it counts anything, and counts nothing when one of them is absent:
-- `{3708}:absent` never exists. (It would take a plain set, too; there is none in the hotline.)
local function require_sorted_sets(keys, first, prefix)
  local count = #keys - first + 1
  if count < 1 then return end
  redis.call('ZINTERCARD', count + 1, prefix .. 'absent', unpack(keys, first))
end

local function write_changes(keys, first_key, args, first_score, member)
  local call = redis.call
  for i = first_key, #keys do
    local score = args[first_score + i - first_key]
    if score == '' then
      call('ZREM', keys[i], member)
    else
      call('ZADD', keys[i], score, member)
    end
  end
end

-- KEYS  1 ticket, 2 history, 3 events, 4 head, 5 idempotency records of today, 6 of yesterday,
--       7… derived sorted sets that change
-- ARGV  1 data set, 2 ticket number, 3 version before (0: must not exist), 4 value after,
--       5 idempotency key or '', 6 fingerprint (16 bytes), 7 answer, 8 number of events n,
--       9…8+n events, then n times the lanes of an event, then one score per derived set ('' =
--       remove the ticket from it)
-- The lanes of the outbox lie beside it and are not declared: {3708}:events:dispatch, which has the
-- same hash tag.
-- Gives {1, commit number}, {2, version now} on a conflict, {3, stored answer} when the key was used
-- for the same request, {4} when it was used for another one.
local function commit(keys, args)
  local call = redis.call
  local no, before, events = args[2], whole(args[3]), whole(args[8])
  if #keys < 6 or #args < 9 then return wrong('too few keys or arguments') end
  if not is_ticket_no(no) then return wrong('ticket number') end
  if not before or not events or events < 1 or events > events_max then
    return wrong('version or number of events')
  end
  local scores = 9 + 2 * events
  if #keys - 6 > changes_max or #args ~= scores - 1 + #keys - 6 then
    return wrong('number of arguments')
  end

  local prefix = prefix_of(no)
  if keys[1] ~= prefix .. 'ticket:' .. no or keys[2] ~= prefix .. 'history:' .. no
    or keys[3] ~= prefix .. 'events' or keys[4] ~= prefix .. 'head'
    or not is_idempotency(keys[5]) or not is_idempotency(keys[6]) then
    return wrong('key names')
  end
  local after = string.format('T1%010d', before + events)
  if #args[4] <= 28 or string.sub(args[4], 1, 12) ~= after then return wrong('ticket value') end
  for i = 9, 8 + events do
    if args[i] == '' then return wrong('empty event') end
    if not are_lanes(args[i + events]) then return wrong('lanes') end
  end
  local mistake = wrong_changes(keys, 7, args, scores, prefix)
  if mistake then return wrong(mistake) end

  local id, print = args[5], args[6]
  if id ~= '' then
    if #id > 200 or #print ~= 16 then return wrong('idempotency key or fingerprint') end
    local record = call('HGET', keys[5], id) or call('HGET', keys[6], id)
    if record then
      if string.sub(record, 1, 16) ~= print then return {4} end
      return {3, string.sub(record, 17)}
    end
  end

  local version = version_of(call('GETRANGE', keys[1], 0, 11))
  if not version then return corrupt('value of ticket ' .. no) end
  if version ~= before then return {2, version} end
  local length = call('LLEN', keys[2])
  if length ~= before then
    return corrupt('ticket ' .. no .. ' is at version ' .. before .. ' with ' .. length .. ' events')
  end
  local head = call('HMGET', keys[4], 'dataset', 'commits')
  if head[1] ~= args[1] then return other_data_set('head of shard ' .. prefix) end
  local commits = whole(head[2] or '')
  if not commits or commits >= commits_max then return corrupt('commit counter of ' .. prefix) end
  require_sorted_sets(keys, 7, prefix)
  for i = 9 + events, 8 + 2 * events do
    if args[i] ~= '' then require_streams(keys[3], args[i]) end
  end

  -- The stream is not looked at before: if it cannot take the event, nothing was written yet.
  for i = 9, 8 + events do
    call('XADD', keys[3], '*', 'e', args[i])
  end
  for i = 9 + events, 8 + 2 * events do
    if args[i] ~= '' then add_to_lanes(keys[3], args[i], args[i - events]) end
  end
  call('SET', keys[1], args[4])
  call('RPUSH', keys[2], unpack(args, 9, 8 + events))
  write_changes(keys, 7, args, scores, no)
  if id ~= '' then call('HSET', keys[5], id, print .. args[7]) end
  return {1, call('HINCRBY', keys[4], 'commits', 1)}
end

-- KEYS 1 head; ARGV 1 data set, 2 civil day, 3 how many. Gives {first, last}: a block of serials of
-- that day which nobody else gets.
local function lease(keys, args)
  local call = redis.call
  local count = whole(args[3])
  if #keys ~= 1 or #args ~= 3 or not string.find(keys[1], '^{%d%d%d%d}:head$')
    or not string.find(args[2], '^%d%d%d%d%d%d%d%d$') or not count or count < 1 or count > 1000 then
    return wrong('lease')
  end
  local field = 'serial:' .. args[2]
  local head = call('HMGET', keys[1], 'dataset', field)
  if head[1] ~= args[1] then return other_data_set('head ' .. keys[1]) end
  local used = whole(head[2] or '0')
  if not used then return corrupt('serial of ' .. keys[1]) end
  if used + count > 999999999 then return wrong('serials of the day are used up') end
  local last = call('HINCRBY', keys[1], field, count)
  return {last - count + 1, last}
end

-- KEYS 1 {meta}:dataset; ARGV 1 id, 2 mode, 3 instant. Names the data set unless it has a name
-- already, and gives {id, mode}.
local function identify(keys, args)
  local call = redis.call
  if #keys ~= 1 or #args ~= 3 or keys[1] ~= '{meta}:dataset'
    or not string.find(args[1], '^%x+$') or #args[1] ~= 32
    or (args[2] ~= 'live' and args[2] ~= 'rehearsal') or not whole(args[3]) then
    return wrong('identify')
  end
  local known = call('HMGET', keys[1], 'id', 'mode')
  if known[1] then return {known[1], known[2] or ''} end
  call('HSET', keys[1], 'id', args[1], 'mode', args[2], 'created_at', args[3])
  return {args[1], args[2]}
end

-- KEYS 1 head, 2 events; ARGV 1 data set. Makes a new shard part of the data set, and gives the
-- number of its commits.
local function adopt(keys, args)
  local call = redis.call
  if #keys ~= 2 or #args ~= 1 or not string.find(keys[1], '^{%d%d%d%d}:head$')
    or keys[2] ~= string.sub(keys[1], 1, 7) .. 'events'
    or not string.find(args[1], '^%x+$') or #args[1] ~= 32 then
    return wrong('adopt')
  end
  local head = call('HMGET', keys[1], 'dataset', 'commits')
  if head[1] and head[1] ~= args[1] then return other_data_set('head ' .. keys[1]) end
  if head[1] then
    return whole(head[2] or '') or corrupt('commit counter of ' .. keys[1])
  end
  if call('EXISTS', keys[1], keys[2]) > 0 then return other_data_set('no identity in ' .. keys[1]) end
  call('HSET', keys[1], 'dataset', args[1], 'commits', 0)
  return 0
end

-- KEYS 1 events, 2 dead letters; ARGV 1 group, 2 id of the entry, 3 reason. Moves a pending entry to
-- the dead letters of its group, whose ids tell when. Gives 1, or 0 when it is not pending there.
local function bury(keys, args)
  local call = redis.call
  if #keys ~= 2 or #args ~= 3 or not string.find(args[1], '^[%w_-]+$')
    or not string.find(keys[1], '^{%d%d%d%d}:events:?%l*$')
    or keys[2] ~= string.sub(keys[1], 1, 7) .. 'dead:' .. args[1]
    or not string.find(args[2], '^%d+%-%d+$') then
    return wrong('bury')
  end
  if #call('XPENDING', keys[1], args[1], args[2], args[2], 1) == 0 then return 0 end
  local found = call('XRANGE', keys[1], args[2], args[2])
  local fields = found[1] and found[1][2] or {}
  call('XLEN', keys[2])
  call('XADD', keys[2], '*', 'id', args[2], 'reason', args[3], 'e', fields[2] or '')
  call('XACK', keys[1], args[1], args[2])
  return 1
end

-- KEYS 1 ticket, 2… derived sorted sets; ARGV 1 ticket number, 2 version, 3… scores as for commit.
-- Puts derived entries right if the ticket still is at that version (0: does not exist). Gives
-- {1}, or {2, version now}.
local function repair(keys, args)
  local no, expected = args[1], whole(args[2])
  if #keys < 2 or #args ~= #keys + 1 or not is_ticket_no(no) or not expected
    or #keys > changes_max or keys[1] ~= prefix_of(no) .. 'ticket:' .. no then
    return wrong('repair')
  end
  local mistake = wrong_changes(keys, 2, args, 3, prefix_of(no))
  if mistake then return wrong(mistake) end
  local version = version_of(redis.call('GETRANGE', keys[1], 0, 11))
  if not version then return corrupt('value of ticket ' .. no) end
  if version ~= expected then return {2, version} end
  require_sorted_sets(keys, 2, prefix_of(no))
  write_changes(keys, 2, args, 3, no)
  return {1}
end

-- Whether a < b byte by byte, as sorted sets do; Lua's own < follows the server's locale.
local function is_before(a, b)
  local i = 1
  while true do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return (x or -1) < (y or -1) end
    if not x then return false end
    i = i + 1
  end
end

-- KEYS 1 sorted set; ARGV 1 score, 2 member, 3 limit, 4 'up' or 'down'. Gives members and scores
-- that follow (score, member) in that order, whether or not that member is still there. Thousands
-- of tickets may be due at the same close of office, so equal scores are the rule: the place among
-- them is found by halving.
local function page(keys, args)
  local call = redis.call
  local score, member, limit, up = args[1], args[2], whole(args[3]), args[4] == 'up'
  if #keys ~= 1 or #args ~= 4 or not limit or limit < 1 or limit > page_max
    or (not up and args[4] ~= 'down')
    or (score ~= '-inf' and score ~= '+inf' and not is_score(score)) then
    return wrong('page')
  end
  local low, high
  if up then
    low, high = call('ZCOUNT', keys[1], '-inf', '(' .. score), call('ZCOUNT', keys[1], '-inf', score)
  else
    low, high = call('ZCOUNT', keys[1], '(' .. score, '+inf'), call('ZCOUNT', keys[1], score, '+inf')
  end
  local range = up and 'ZRANGE' or 'ZREVRANGE'
  while low < high do
    local middle = math.floor((low + high) / 2)
    local found = call(range, keys[1], middle, middle)[1]
    if (up and is_before(member, found)) or (not up and is_before(found, member)) then
      high = middle
    else
      low = middle + 1
    end
  end
  return call(range, keys[1], low, low + limit - 1, 'WITHSCORES')
end

redis.register_function('commit', commit)
redis.register_function('lease', lease)
redis.register_function('identify', identify)
redis.register_function('adopt', adopt)
redis.register_function('repair', repair)
-- Draining must work when memory is full; everything above is refused then.
redis.register_function{function_name = 'bury', callback = bury, flags = {'allow-oom'}}
redis.register_function{function_name = 'page', callback = page, flags = {'no-writes'}}
