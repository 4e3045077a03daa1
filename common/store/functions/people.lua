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

redis.register_function('user_put', user_put)
redis.register_function('user_attempt', user_attempt)
redis.register_function('user_forgive', user_forgive)
redis.register_function('user_unlock', user_unlock)
redis.register_function('session_create', session_create)
redis.register_function('session_touch', session_touch)
redis.register_function('session_end', session_end)
redis.register_function('session_sweep', session_sweep)
