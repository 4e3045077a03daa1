#!lua name=hotline
-- schema 6
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
local columns_max = 32
local units_max = 10000
local names_max = 100000
local chunk_units = 12 -- about a city and its counties: units that have something in the same shards
local commits_max = 9007199254740991 -- 2^53 - 1: Lua counts in doubles

-- Families of keys that are not sorted sets derived from tickets.
local reserved = {
  ticket = true, history = true, events = true, head = true, idem = true, dead = true, seal = true,
  absent = true,
  user = true, users = true, session = true, sessions = true, attempts = true, epoch = true,
  totp = true, audit = true,
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

-- The people shard: users, sessions, attempts to sign in, and the audit record of every change of
-- them, which is written in the same call. All its keys have the tag {0000}.

local function is_user_id(text)
  return text and #text >= 2 and #text <= 64 and string.find(text, '^[a-z0-9][a-z0-9._-]+$') ~= nil
end

local function is_session_id(text)
  return text and #text == 64 and string.find(text, '^[0-9a-f]+$') ~= nil
end

-- Whether the keys are those of the people shard with these names, and no more.
-- `more`: how many keys of another kind may follow.
local function are_people_keys(keys, names, more)
  if #keys ~= #names + (more or 0) then return false end
  for i = 1, #names do
    if keys[i] ~= '{0000}:' .. names[i] then return false end
  end
  return true
end

-- The first twelve bytes of a user's value say its version, like a ticket's.
local function user_version_of(header)
  if header == '' then return 0 end
  local digits = string.match(header, '^U1(%d%d%d%d%d%d%d%d%d%d)$')
  return digits and tonumber(digits)
end

-- nil when the shard may be written, or the error to give back.
local function wrong_people_head(key, data_set)
  local head = redis.call('HMGET', key, 'dataset', 'commits')
  if head[1] ~= data_set then return other_data_set('head ' .. key) end
  local commits = whole(head[2] or '')
  if not commits or commits >= commits_max then return corrupt('commit counter of ' .. key) end
  return nil
end

-- A step of a second factor is used once: whether this one is behind the last that was.
local function is_step_used(key, user, step)
  return step ~= '' and step <= (whole(redis.call('HGET', key, user) or '0') or 0)
end

-- What the two last keys, the idempotency records of today and yesterday, know of the request that
-- the three last arguments are about: key or '', fingerprint, answer. Gives {4}: it was carried out
-- before, {5}: the key is another request's, an error; or nil.
local function known_request(keys, args)
  local id, print = args[#args - 2], args[#args - 1]
  if not is_idempotency(keys[#keys - 1]) or not is_idempotency(keys[#keys]) then
    return wrong('idempotency records')
  end
  if id == '' then return nil end
  if #id > 200 or #print ~= 16 then return wrong('idempotency key or fingerprint') end
  local record = redis.call('HGET', keys[#keys - 1], id) or redis.call('HGET', keys[#keys], id)
  if not record then return nil end
  return {string.sub(record, 1, 16) == print and 4 or 5}
end

local function keep_request(keys, args)
  local id, print, answer = args[#args - 2], args[#args - 1], args[#args]
  if id ~= '' then redis.call('HSET', keys[#keys - 1], id, print .. answer) end
end

-- KEYS  1 user, 2 users, 3 epoch, 4 totp, 5 audit, 6 head, 7 idempotency records of today, 8 of
--       yesterday
-- ARGV  1 data set, 2 user, 3 version before (0: must not exist), 4 value after, 5 '1' when rights
--       or sessions change, 6 step of a second factor that is used or '', 7 audit record,
--       8 idempotency key or '', 9 fingerprint (16 bytes), 10 answer
-- Gives {1, commit number}, {2, version now} on a conflict, {3} when the step was used before, {4}
-- when the request was carried out before, {5} when its key is another's.
local function user_put(keys, args)
  local call = redis.call
  local user, before = args[2], whole(args[3])
  if #args ~= 10 or not is_user_id(user) or not before
    or not are_people_keys(keys, {'user:' .. user, 'users', 'epoch', 'totp', 'audit', 'head'}, 2)
    or string.sub(args[4], 1, 12) ~= string.format('U1%010d', before + 1) or #args[4] <= 28
    or (args[5] ~= '0' and args[5] ~= '1') or args[7] == '' then
    return wrong('user_put')
  end
  local step = args[6] == '' and '' or whole(args[6])
  if not step then return wrong('step') end
  local bad = wrong_people_head(keys[6], args[1])
  if bad then return bad end
  local known = known_request(keys, args)
  if known then return known end
  local version = user_version_of(call('GETRANGE', keys[1], 0, 11))
  if not version then return corrupt('value of user ' .. user) end
  if version ~= before then return {2, version} end
  if is_step_used(keys[4], user, step) then return {3} end
  call('ZSCORE', keys[2], user)
  local epoch = whole(call('GET', keys[3]) or '0')
  if not epoch then return corrupt('epoch') end

  call('XADD', keys[5], '*', 'e', args[7])
  call('SET', keys[1], args[4])
  call('ZADD', keys[2], 0, user)
  if step ~= '' then call('HSET', keys[4], user, args[6]) end
  if args[5] == '1' then call('INCR', keys[3]) end
  keep_request(keys, args)
  return {1, call('HINCRBY', keys[6], 'commits', 1)}
end

-- An attempt record: how many in a row, since when, and until when it is locked.
local function read_attempts(key, field, now, window)
  local record = redis.call('HGET', key, field) or ''
  local count, first, until_at = string.match(record, '^(%d+):(%d+):(%d+)$')
  count, first, until_at = whole(count) or 0, whole(first) or now, whole(until_at) or 0
  if until_at <= now and now - first >= window then count, first, until_at = 0, now, 0 end
  -- A lock that is over begins a new count.
  if until_at > 0 and until_at <= now then count, first, until_at = 0, now, 0 end
  return {count = count, first = first, until_at = until_at}
end

local function write_attempts(keys, field, a, window)
  redis.call('HSET', keys[1], field, string.format('%d:%d:%d', a.count, a.first, a.until_at))
  redis.call('ZADD', keys[2], math.max(a.first + window, a.until_at), field)
end

local function drop_attempts(keys, field)
  redis.call('HDEL', keys[1], field)
  redis.call('ZREM', keys[2], field)
end

local function are_attempt_fields(user, address)
  return string.sub(user, 1, 2) == 'u:' and #user <= 80
    and string.sub(address, 1, 2) == 'a:' and #address <= 80
end

-- KEYS  1 attempts, 2 attempts:due, 3 head
-- ARGV  1 data set, 2 now, 3 field of the account, 4 of the address, 5 tries of an account, 6 of an
--       address, 7 milliseconds of window and lock
-- Counts an attempt before its password is looked at, so that guesses that come at the same time
-- are counted like others. Gives {1} when it may go on, {2, locked until} when not.
local function user_attempt(keys, args)
  local call = redis.call
  local now, window = whole(args[2]), whole(args[7])
  local most = {whole(args[5]), whole(args[6])}
  if #args ~= 7 or not are_people_keys(keys, {'attempts', 'attempts:due', 'head'})
    or not now or not window or window < 1 or not most[1] or most[1] < 1 or not most[2] or most[2] < 1
    or not are_attempt_fields(args[3], args[4]) then
    return wrong('user_attempt')
  end
  local bad = wrong_people_head(keys[3], args[1])
  if bad then return bad end
  -- What is over goes, so that guesses under invented names do not fill the memory.
  for _, field in ipairs(call('ZRANGEBYSCORE', keys[2], '-inf', now, 'LIMIT', 0, 32)) do
    drop_attempts(keys, field)
  end
  local found, locked = {}, 0
  for i = 1, 2 do
    found[i] = read_attempts(keys[1], args[2 + i], now, window)
    locked = math.max(locked, found[i].until_at)
  end
  if locked > now then return {2, locked} end
  for i = 1, 2 do
    local a = found[i]
    a.count = a.count + 1
    if a.count >= most[i] then a.until_at = now + window end
    write_attempts(keys, args[2 + i], a, window)
  end
  return {1}
end

-- KEYS  1 attempts, 2 attempts:due, 3 audit, 4 head, 5 idempotency records of today, 6 of yesterday
-- ARGV  1 data set, 2 field of the account, 3 audit record, 4 idempotency key or '', 5 fingerprint
--       (16 bytes), 6 answer
-- Gives as user_put.
local function user_unlock(keys, args)
  if #args ~= 6 or not are_people_keys(keys, {'attempts', 'attempts:due', 'audit', 'head'}, 2)
    or string.sub(args[2], 1, 2) ~= 'u:' or #args[2] > 80 or args[3] == '' then
    return wrong('user_unlock')
  end
  local bad = wrong_people_head(keys[4], args[1])
  if bad then return bad end
  local known = known_request(keys, args)
  if known then return known end
  redis.call('HEXISTS', keys[1], args[2])
  redis.call('ZSCORE', keys[2], args[2])
  redis.call('XADD', keys[3], '*', 'e', args[3])
  drop_attempts(keys, args[2])
  keep_request(keys, args)
  return {1, redis.call('HINCRBY', keys[4], 'commits', 1)}
end

-- What a success takes back: everything counted for the account, and one attempt of the address,
-- which others may use, too. `attempts` are the two keys of attempts.
local function forgive(attempts, account, address, now, window)
  drop_attempts(attempts, account)
  local a = read_attempts(attempts[1], address, now, window)
  if a.count <= 1 then
    drop_attempts(attempts, address)
  else
    a.count, a.until_at = a.count - 1, 0
    write_attempts(attempts, address, a, window)
  end
end

-- KEYS  1 attempts, 2 attempts:due, 3 head
-- ARGV  1 data set, 2 now, 3 field of the account, 4 of the address, 5 milliseconds of the window
-- Somebody who is signed in has proven their password once more. Gives {1}.
local function user_forgive(keys, args)
  local now, window = whole(args[2]), whole(args[5])
  if #args ~= 5 or not are_people_keys(keys, {'attempts', 'attempts:due', 'head'})
    or not now or not window or not are_attempt_fields(args[3], args[4]) then
    return wrong('user_forgive')
  end
  local bad = wrong_people_head(keys[3], args[1])
  if bad then return bad end
  redis.call('HEXISTS', keys[1], args[3])
  redis.call('ZSCORE', keys[2], args[3])
  forgive(keys, args[3], args[4], now, window)
  return {1}
end

-- KEYS  1 user, 2 session, 3 sessions, 4 attempts, 5 attempts:due, 6 totp, 7 audit, 8 head
-- ARGV  1 data set, 2 user, 3 version of the user whose password was checked, 4 session, 5 its
--       value, 6 now, 7 instant of its end, 8 step of a second factor or '', 9 field of the account,
--       10 of the address, 11 milliseconds of the window, 12 audit record
-- Begins a session and takes back what the attempt was counted for. Gives {1, commit number},
-- {2, version now} when the user was changed meanwhile, {3} when the step was used before.
local function session_create(keys, args)
  local call = redis.call
  local user, session, version = args[2], args[4], whole(args[3])
  local now, ends, window = whole(args[6]), whole(args[7]), whole(args[11])
  if #args ~= 12 or not is_user_id(user) or not is_session_id(session) or not version
    or not are_people_keys(keys, {'user:' .. user, 'session:' .. session, 'sessions', 'attempts',
                                  'attempts:due', 'totp', 'audit', 'head'})
    or string.sub(args[5], 1, 2) ~= 'S1' or not now or not ends or not window
    or not are_attempt_fields(args[9], args[10]) or args[12] == '' then
    return wrong('session_create')
  end
  local step = args[8] == '' and '' or whole(args[8])
  if not step then return wrong('step') end
  local bad = wrong_people_head(keys[8], args[1])
  if bad then return bad end
  local present = user_version_of(call('GETRANGE', keys[1], 0, 11))
  if not present then return corrupt('value of user ' .. user) end
  if present ~= version then return {2, present} end
  if is_step_used(keys[6], user, step) then return {3} end
  if call('EXISTS', keys[2]) == 1 then return wrong('a session of this id exists') end
  call('ZSCORE', keys[3], session)
  call('HEXISTS', keys[4], args[10])
  call('ZSCORE', keys[5], args[10])

  call('XADD', keys[7], '*', 'e', args[12])
  call('HSET', keys[2], 's', args[5], 'seen', args[6])
  call('ZADD', keys[3], args[7], session)
  if step ~= '' then call('HSET', keys[6], user, args[8]) end
  forgive({keys[4], keys[5]}, args[9], args[10], now, window)
  return {1, call('HINCRBY', keys[8], 'commits', 1)}
end

-- KEYS 1 session; ARGV 1 session, 2 now. Gives 1, or 0 when there is no such session any more.
local function session_touch(keys, args)
  local now = whole(args[2])
  if #args ~= 2 or not is_session_id(args[1]) or not now
    or not are_people_keys(keys, {'session:' .. args[1]}) then
    return wrong('session_touch')
  end
  local seen = redis.call('HGET', keys[1], 'seen')
  if not seen then return 0 end
  if (whole(seen) or 0) < now then redis.call('HSET', keys[1], 'seen', args[2]) end
  return 1
end

-- KEYS 1 session, 2 sessions, 3 epoch, 4 audit, 5 head; ARGV 1 data set, 2 session, 3 audit record.
-- Gives {1, commit number}, or {0} when there is no such session.
local function session_end(keys, args)
  local call = redis.call
  if #args ~= 3 or not is_session_id(args[2]) or args[3] == ''
    or not are_people_keys(keys, {'session:' .. args[2], 'sessions', 'epoch', 'audit', 'head'}) then
    return wrong('session_end')
  end
  local bad = wrong_people_head(keys[5], args[1])
  if bad then return bad end
  if not call('HGET', keys[1], 's') then return {0} end
  call('ZSCORE', keys[2], args[2])
  if not whole(call('GET', keys[3]) or '0') then return corrupt('epoch') end
  call('XADD', keys[4], '*', 'e', args[3])
  call('DEL', keys[1])
  call('ZREM', keys[2], args[2])
  call('INCR', keys[3])
  return {1, call('HINCRBY', keys[5], 'commits', 1)}
end

-- KEYS 1 sessions, 2… sessions; ARGV 1 now, 2… ids of the sessions. Forgets those whose time is
-- over; they let nobody in any more. Gives how many.
local function session_sweep(keys, args)
  local call = redis.call
  local now = whole(args[1])
  if #args ~= #keys or not now or keys[1] ~= '{0000}:sessions' then return wrong('session_sweep') end
  for i = 2, #keys do
    if not is_session_id(args[i]) or keys[i] ~= '{0000}:session:' .. args[i] then
      return wrong('session_sweep')
    end
  end
  local gone = 0
  for i = 2, #keys do
    local ends = call('ZSCORE', keys[1], args[i])
    if ends and tonumber(ends) <= now then
      call('DEL', keys[i])
      call('ZREM', keys[1], args[i])
      gone = gone + 1
    end
  end
  return gone
end

-- KEYS 1 audit, 2 head; ARGV 1 data set, 2 audit record: of what changed nothing here.
local function audit_append(keys, args)
  if #args ~= 2 or args[2] == '' or not are_people_keys(keys, {'audit', 'head'}) then
    return wrong('audit_append')
  end
  local bad = wrong_people_head(keys[2], args[1])
  if bad then return bad end
  redis.call('XADD', keys[1], '*', 'e', args[2])
  return {1, redis.call('HINCRBY', keys[2], 'commits', 1)}
end

-- A bound of a score: plain notation, exclusive with '(', or an infinity.
local function is_bound(text)
  return text == '-inf' or text == '+inf' or is_score(string.gsub(text, '^%(', '', 1))
end

-- Names of sets by stem and unit. They are asked for again and again, and putting a name together
-- costs as much as looking into the set.
local names, named = {}, 0

local function name_of(stem, unit)
  if named >= names_max then names, named = {}, 0 end
  local known = names[stem]
  if not known then
    known = {}
    names[stem] = known
  end
  local name = known[unit]
  if not name then
    name = stem .. unit
    known[unit], named = name, named + 1
  end
  return name
end

local function count_entries(key, low, high)
  if low == '-inf' and high == '+inf' then return redis.call('ZCARD', key) end
  return redis.call('ZCOUNT', key, low, high)
end

-- What the shard holds, as far as commits go: equal as long as none has happened, and never again.
local function stamp_of(prefix)
  local call = redis.call
  local head = call('HMGET', prefix .. 'head', 'dataset', 'commits')
  local last = call('XREVRANGE', prefix .. 'events', '+', '-', 'COUNT', 1)[1]
  return (head[1] or '') .. ':' .. (head[2] or '') .. ':' .. (last and last[1] or '')
end

-- KEYS 1 head, ARGV 1 a stamp or '', 2 number of groups g; per group: guard family, number of columns
-- c, then c times family, lowest and highest score; then the units. Counts, for every unit, the
-- entries of its sorted sets `family:unit` between two scores. A group is looked at only where its
-- guard set exists: most units have nothing in most shards. Gives one flat list: the stamp of the
-- shard; and unless it is the one given, place of a unit among the units (1 is the first), number of
-- the group, its counts; and so on.
--
-- The sets are not declared as keys: thousands of names would cost more than the counting. They
-- have the shard's hash tag, so they are where the declared key is.
local function board(keys, args)
  local call = redis.call
  if #keys ~= 1 or not string.find(keys[1], '^{%d%d%d%d}:head$') then return wrong('board') end
  local prefix = string.sub(keys[1], 1, 7)
  local groups, at = {}, 3
  for g = 1, whole(args[2] or '') or 0 do
    local count = whole(args[at + 1] or '')
    if not count or count < 1 or count > columns_max then return wrong('columns of a group') end
    local group = {guard = prefix .. args[at] .. ':', columns = {}}
    for c = 1, count do
      local first = at + 3 * c - 1
      local low, high = args[first + 1], args[first + 2]
      if not high or not is_bound(low) or not is_bound(high)
        or not is_derived(prefix .. args[first], prefix) then
        return wrong('a column')
      end
      group.columns[c] = {prefix .. args[first] .. ':', low, high}
    end
    groups[g], at = group, at + 2 + 3 * count
  end
  if #groups < 1 or #args - at + 1 > units_max then return wrong('groups or units') end

  local out, n, size = {stamp_of(prefix)}, 1, #groups
  if out[1] == args[1] then return out end
  for first = at, #args, chunk_units do
    local last = math.min(first + chunk_units - 1, #args)
    local guards, k = {}, 0
    for u = first, last do
      for g = 1, size do
        k = k + 1
        guards[k] = name_of(groups[g].guard, args[u])
      end
    end
    -- One question for many units: in most shards the answer is none.
    if call('EXISTS', unpack(guards)) > 0 then
      for i = 1, k do
        if call('EXISTS', guards[i]) == 1 then
          local g = (i - 1) % size + 1
          local u = first + (i - g) / size
          out[n + 1], out[n + 2] = u - at + 1, g
          n = n + 2
          for c, column in ipairs(groups[g].columns) do
            n = n + 1
            out[n] = count_entries(name_of(column[1], args[u]), column[2], column[3])
          end
        end
      end
    end
  end
  return out
end

redis.register_function('commit', commit)
redis.register_function('lease', lease)
redis.register_function('identify', identify)
redis.register_function('adopt', adopt)
redis.register_function('repair', repair)
-- Draining must work when memory is full; everything above is refused then.
redis.register_function{function_name = 'bury', callback = bury, flags = {'allow-oom'}}
redis.register_function{function_name = 'page', callback = page, flags = {'no-writes'}}
redis.register_function('user_put', user_put)
redis.register_function('user_attempt', user_attempt)
redis.register_function('user_forgive', user_forgive)
redis.register_function('user_unlock', user_unlock)
redis.register_function('session_create', session_create)
redis.register_function('session_touch', session_touch)
redis.register_function('session_end', session_end)
redis.register_function('session_sweep', session_sweep)
redis.register_function('audit_append', audit_append)

-- The audit chain and the audit records.

-- KEYS 1 seal, 2 its head; ARGV 1 entries before, 2 hash before ('' when there are none), 3 hash
-- after, 4 id of the last event that is sealed, 5 events sealed so far, 6 body. Appends an entry if
-- the chain still ends there. Gives {1}, or {2} when it has another end.
local function seal(keys, args)
  local call = redis.call
  local before, events = whole(args[1]), whole(args[5])
  if #keys ~= 2 or #args ~= 6 or not string.find(keys[1], '^{%d%d%d%d}:seal$')
    or keys[2] ~= keys[1] .. ':head' or not before or before >= commits_max
    or #args[2] ~= (before == 0 and 0 or 32) or #args[3] ~= 32
    or not string.find(args[4], '^%d+%-%d+$') or not events or args[6] == '' then
    return wrong('seal')
  end
  local head = call('HMGET', keys[2], 'n', 'h')
  if (head[1] or '0') ~= args[1] or (head[2] or '') ~= args[2] then return {2} end
  -- Refused, and nothing written, when the stream has this entry already.
  call('XADD', keys[1], string.format('%.0f-0', before + 1), 'b', args[6], 'h', args[3])
  call('HSET', keys[2], 'n', string.format('%.0f', before + 1), 'h', args[3], 'id', args[4],
    'e', args[5])
  return {1}
end

-- KEYS 1 audit, 2 head, or also 3 a note beside the records; ARGV 1 data set, 2 AuditRecord, or also
-- 3 value of the note. Appends the record. With a note only if its value is another, which is then
-- kept. Gives 1, or 0.
local function record(keys, args)
  local call = redis.call
  if (#keys ~= 2 and #keys ~= 3) or #args ~= #keys or keys[1] ~= '{0000}:audit'
    or keys[2] ~= '{0000}:head' or args[2] == ''
    or (keys[3] and not string.find(keys[3], '^{0000}:audit:[%l.]+$')) then
    return wrong('record')
  end
  local bad = wrong_people_head(keys[2], args[1])
  if bad then return bad end
  if keys[3] and call('GET', keys[3]) == args[3] then return 0 end
  call('XADD', keys[1], '*', 'e', args[2])
  if keys[3] then call('SET', keys[3], args[3]) end
  return 1
end

redis.register_function('seal', seal)
redis.register_function('record', record)
redis.register_function{function_name = 'board', callback = board, flags = {'no-writes'}}
